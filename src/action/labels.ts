import type { Label } from "./definition.ts";

/** No labels; shared, so that comparing by identity is enough where nothing is labelled. */
export const NO_LABELS: readonly Label[] = [];

/** Gives labels in their one order, each once. */
export function toLabels(labels: Iterable<Label>): readonly Label[] {
  const unique = [...new Set(labels)];
  return unique.length === 0 ? NO_LABELS : unique.toSorted();
}

/** The labels of what was made of several values: all that any of them has. Cheap where most have none. */
export function joinLabels(one: readonly Label[], other: readonly Label[]): readonly Label[] {
  if (other.length === 0 || one === other) return one;
  return one.length === 0 ? other : toLabels([...one, ...other]);
}
