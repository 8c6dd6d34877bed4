import { isForbiddenKey } from "../../base/index.ts";
import { complain, type Place } from "./report.ts";
import { show, under } from "./show.ts";

const ID = /^[A-Za-z0-9_-]+$/;
/** Nested plans are named like actions, which may have dots. */
const PLAN_NAME = /^[A-Za-z0-9_.-]{1,100}$/;

/** Tells whether a value may be the id of a node. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && value.length <= 64 && ID.test(value) && !isForbiddenKey(value);
}

/** Tells whether a text may be the name of a nested plan. */
export function isPlanName(name: string): boolean {
  return PLAN_NAME.test(name) && !isForbiddenKey(name);
}

/** Checks the names of nested plans as ids are checked. */
export function checkPlanNames(names: readonly string[], place: Place): void {
  for (const name of names)
    if (!isPlanName(name)) refuseId(name, place, "a plan name of 1 to 100 letters, digits, _, . or -");
  checkLookAlikes(names, place, "a plan name");
}

/**
 * Checks the ids of the nodes; those that differ in case only are refused, since people can't tell them apart aloud.
 * Tells whether all are well-formed.
 */
export function checkIds(ids: readonly string[], place: Place): boolean {
  let areIds = true;
  let mayClash = false;
  for (const id of ids) {
    if (!isId(id)) {
      refuseId(id, place, "a node id of 1 to 64 letters, digits, _ or -");
      areIds = false;
    } else if (!mayClash && /[A-Z]/.test(id)) mayClash = true;
  }
  if (mayClash) checkLookAlikes(ids, place, "a node id");
  return areIds;
}

function refuseId(id: string, { report, path }: Place, what: string): void {
  complain(report, {
    code: "PLAN_BAD_ID",
    path: under(path, id),
    expected: what,
    got: show(id),
    fix: isForbiddenKey(id) ? "Rename it: this name means something to JavaScript." : "Rename it.",
  });
}

function checkLookAlikes(ids: readonly string[], { report, path }: Place, what: string): void {
  const seen = new Map<string, string>();
  for (const id of ids) {
    const folded = id.toLowerCase();
    const other = seen.get(folded);
    seen.set(folded, id);
    if (other === undefined) continue;
    const expected = `${what} that differs from "${other}" in more than case`;
    complain(report, {
      code: "PLAN_BAD_ID",
      path: under(path, id),
      expected,
      got: show(id),
      fix: "Rename one of the two.",
    });
  }
}
