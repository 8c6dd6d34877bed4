import type { RunEvent } from "../event.ts";
import { checkAttempt } from "./check-attempt.ts";
import { checkDecision } from "./check-decision.ts";
import { checkUndo } from "./check-undo.ts";
import { checkWait } from "./check-wait.ts";
import type { Audit } from "./state.ts";

/** Judges one event by those before it, before it is folded. */
export function checkEvent(audit: Audit, event: RunEvent): void {
  if (event.at < audit.lastAt) audit.violate("J1", `its time ${event.at} is before ${audit.lastAt}`);
  audit.lastAt = event.at;
  switch (event.type) {
    case "node-decided":
    case "node-started":
    case "node-stopping":
    case "node-succeeded":
    case "node-failed":
    case "node-unknown":
    case "node-settled":
    case "node-skipped":
    case "node-late":
      return checkAttempt(audit, event);

    case "undo-started":
    case "undo-succeeded":
    case "undo-failed":
      return checkUndo(audit, event);

    case "wait-opened":
    case "wait-closed":
      return checkWait(audit, event);

    case "run-created":
      return audit.violate("J2", "a second run-created");

    default:
      return checkDecision(audit, event);
  }
}
