import type { AnyAction } from "../../action/index.ts";

/** What becomes of an effect when the run is rolled back. Of a choice the worst variant counts; a plan undoes its own steps. */
export function undoOf({ definition }: AnyAction): "not-needed" | "possible" | "impossible" {
  switch (definition.tag) {
    case "effect":
      return typeof definition.undo === "function" ? "possible" : definition.undo;

    case "choice": {
      const all = Object.values(definition.variants).map(undoOf);
      return all.find((undo) => undo === "impossible") ?? all.find((undo) => undo === "possible") ?? "not-needed";
    }

    case "plan":
      return "possible";

    case "by-node":
      return "impossible";
  }
}

/** Tells whether each call waits for a person. */
export function isApproved({ definition }: AnyAction): boolean {
  if (definition.tag === "choice") return Object.values(definition.variants).some(isApproved);
  return definition.tag === "effect" && definition.isApproved;
}

/** What a planner has to know of an action's nature, in a few words. */
export function describeNature(action: AnyAction): string {
  const { definition } = action;
  const waits = isApproved(action) ? " A person must allow each call." : "";
  if (definition.tag === "plan") return `A plan with steps of its own.${waits}`;
  if (definition.tag === "effect" && definition.isQuery) return `Changes nothing.${waits}`;
  const undo = undoOf(action);
  if (undo === "impossible") return `Acts, and can't be undone.${waits}`;
  return undo === "possible" ? `Acts, and can be undone.${waits}` : `Acts; nothing needs to be undone.${waits}`;
}

/** What one attempt reserves; of a choice the least and the most of its variants. */
export function reservedBy({
  definition,
}: AnyAction): ReadonlyMap<string, { readonly least: number; readonly most: number }> {
  if (definition.tag === "effect")
    return new Map(
      Object.entries(definition.counters).map(([name, amount]) => [name, { least: amount, most: amount }]),
    );
  if (definition.tag !== "choice") return new Map();
  const variants = Object.values(definition.variants).map(reservedBy);
  const names = new Set(variants.flatMap((counters) => [...counters.keys()]));
  return new Map(
    [...names].map((name) => {
      const all = variants.map((counters) => counters.get(name) ?? { least: 0, most: 0 });
      return [
        name,
        { least: Math.min(...all.map(({ least }) => least)), most: Math.max(...all.map(({ most }) => most)) },
      ];
    }),
  );
}
