import type { RunQuery, RunSummary } from "./port.ts";

/** How many runs a list shows where the query does not say. */
export const DEFAULT_LIST_LIMIT = 100;

/** Gives the runs that a query asks for, newest first, out of all runs in the order in which they were made. */
export function selectRuns(all: readonly RunSummary[], query: RunQuery): readonly RunSummary[] {
  const sorted = all.toReversed().sort((one, other) => other.createdAt - one.createdAt);
  const after = sorted.findIndex((item) => item.run === query.after);
  if (query.after !== undefined && after === -1) return [];
  return sorted
    .slice(after + 1)
    .filter((item) => isWanted(item, query))
    .slice(0, query.limit ?? DEFAULT_LIST_LIMIT);
}

function isWanted(item: RunSummary, query: RunQuery): boolean {
  return (
    (query.tags === undefined || query.tags.every((tag) => item.tags.includes(tag))) &&
    (query.states === undefined || query.states.includes(item.tag)) &&
    (query.planName === undefined || query.planName === item.planName) &&
    (query.parent === undefined || query.parent === item.parent) &&
    (query.before === undefined || item.createdAt < query.before)
  );
}
