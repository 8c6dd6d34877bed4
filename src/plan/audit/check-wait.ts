import { isJsonObject } from "../../base/index.ts";
import type { WaitClosed, WaitOpened } from "../event.ts";
import { failForGood } from "./check-attempt.ts";
import { demandParents } from "./check-parents.ts";
import { trailOf, type Audit, type Trail } from "./state.ts";

/** Judges waits: X1 (opened and closed once, answered once), T1, E9. */
export function checkWait(audit: Audit, event: WaitOpened | WaitClosed): void {
  if (event.type === "wait-opened") checkOpening(audit, event);
  else checkClosing(audit, event);
}

function checkOpening(audit: Audit, { wait, node, kind, until }: WaitOpened): void {
  const trail = trailOf(audit, node);
  if (audit.waits.has(wait)) audit.violate("X1", `wait ${wait} is opened a second time`);
  if (trail.isLive) audit.violate("E3", `${node} waits while an attempt is out`);
  if (trail.ending !== undefined && kind !== "unknown") audit.violate("E4", `${node} waits after it ended`);
  if (kind !== "unknown" && audit.turned !== undefined) audit.violate("E9", `${node} asks after the run turned`);
  if (kind === "ask" || kind === "timer" || kind === "approval") demandParents(audit, node);
  audit.waits.set(wait, { node, kind, until, isOpen: true });
}

function checkClosing(audit: Audit, event: WaitClosed): void {
  const wait = audit.waits.get(event.wait);
  if (wait === undefined || !wait.isOpen)
    return audit.violate("X1", `wait ${event.wait} is closed, but it is not open`);
  wait.isOpen = false;
  const isByClock = event.how === "fired" || event.how === "expired";
  if (isByClock && (wait.until === undefined || event.at < wait.until))
    audit.violate("T1", `wait ${event.wait} is ${event.how} early`);
  if (wait.node !== event.node) audit.violate("X1", `wait ${event.wait} belongs to ${wait.node}`);
  const trail = trailOf(audit, event.node);
  switch (wait.kind) {
    case "timer":
    case "ask":
      return endPlanned(audit, event);

    case "approval":
      if (event.how === "withdrawn" && audit.turned !== "failing") trail.ending = "skipped";
      if (event.how !== "answered") return;
      if (event.value === true) trail.isApproved = true;
      else failForGood(audit, event.node, trail);
      return;

    case "unknown": {
      if (event.how === "withdrawn") return giveUp(audit, trail);
      const happened = isJsonObject(event.value ?? null) && JSON.stringify(event.value).includes('"happened":true');
      trail.mayHaveActed = false;
      if (!happened) return;
      trail.hasSucceeded = true;
      trail.ending ??= "succeeded";
      return;
    }

    default:
      if (event.how === "withdrawn") return giveUp(audit, trail);
      if (event.value === "skip") trail.ending = "failed";
      if (event.value === "retry") trail.failures = 0;
  }
}

/** While a run goes on, a question is withdrawn only from a node that a join went on without. */
function giveUp({ turned }: Audit, trail: Trail): void {
  if (turned === undefined) trail.ending ??= "skipped";
}

/** A question or pause of the plan has come to its end. */
function endPlanned(audit: Audit, { node, how, value, wait }: WaitClosed): void {
  const trail = trailOf(audit, node);
  const open = audit.run.waits.get(wait);
  if (how === "withdrawn") {
    if (audit.turned !== "failing") trail.ending = "skipped";
    return;
  }
  const isRefused = how === "expired" || (how === "answered" && open?.answer === undefined && value === false);
  if (isRefused) return failForGood(audit, node, trail);
  trail.ending = "succeeded";
  trail.hasSucceeded = true;
}
