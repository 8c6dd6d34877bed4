import type { ResourceUse } from "../action/index.ts";

/** The resources of a process, shared by all its runs. A name that nobody gave a capacity has one unit. */
export interface ResourcePool {
  readonly free: (name: string) => number;
  readonly take: (uses: readonly ResourceUse[]) => void;
  readonly give: (uses: readonly ResourceUse[]) => void;
  readonly capacity: (name: string) => number;
}

/** Makes the pool; `capacities` are units by name. */
export function createResourcePool(capacities: Readonly<Record<string, number>> = {}): ResourcePool {
  const used = new Map<string, number>();
  const capacity = (name: string): number => capacities[name] ?? 1;
  const add = (uses: readonly ResourceUse[], sign: 1 | -1): void => {
    for (const { name, units } of uses) used.set(name, (used.get(name) ?? 0) + sign * units);
  };
  return {
    capacity,
    free: (name) => capacity(name) - (used.get(name) ?? 0),
    take: (uses) => add(uses, 1),
    give: (uses) => add(uses, -1),
  };
}
