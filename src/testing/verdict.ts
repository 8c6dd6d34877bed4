import { checkJournal } from "../plan/index.ts";
import { verifyChain } from "../store/index.ts";
import type { Process } from "./process.ts";
import type { Simulation } from "./scenario.ts";

/** Runs that have not come to their end, and what they are. */
export function openRuns({
  options,
  accepted,
  people,
  process,
}: Simulation): { readonly id: string; readonly is: string }[] {
  const open: { readonly id: string; readonly is: string }[] = [];
  for (const { id } of options.runs) if (!accepted.has(id)) open.push({ id, is: "not started" });
  for (const [id, is] of people.states)
    if (is === "open" || is === "suspended" || is === "rollback-stuck")
      open.push({ id, is: `${is} ${describe(process, id)}` });
  return open;
}

function describe(process: Process | undefined, id: string): string {
  const state = process?.runtime?.live().find(({ run }) => run === id);
  if (state === undefined) return "(not in memory)";
  const open = state.nodes.filter(({ ended, tag }) => ended === undefined || tag === "compensating");
  return `(${state.phase}; ${open
    .map(({ id: node, tag }) => `${node} ${tag}`)
    .slice(0, 8)
    .join(", ")})`;
}

/** Every journal must prove itself. */
export async function checkJournals({ disk, registry, violate }: Simulation): Promise<void> {
  const reader = await disk.reader();
  for (const [run, events] of disk.journals) {
    const [created] = events;
    const graph = created?.type === "run-created" ? await reader.plan(created.plan) : undefined;
    if (graph === undefined) {
      violate(`J2: the plan of ${run} is missing`);
      continue;
    }
    for (const violation of checkJournal(graph, events, registry)) violate(`${run}: ${violation}`);
    const records = await reader.read(run);
    const chain = verifyChain(records);
    if (chain.tag === "broken") violate(`J3: the chain of ${run} is broken at ${chain.seq}: ${chain.why}`);
    if (records.length !== events.length)
      violate(`J1: ${run} has ${records.length} records, expected ${events.length}`);
  }
}
