import { isJsonObject, type Json } from "../../base/index.ts";
import { COST_OF_KEY, describe, fail, spend, type Evaluate, type Frame } from "./frame.ts";
import { failBoolean, isList } from "./operators.ts";

/** A macro over a list: `receiver.name(variable, body)`, for `map` also with a condition before the body. */
export interface Comprehension {
  readonly receiver: Evaluate;
  /** Where the variable stands in the frame. */
  readonly slot: number;
  readonly condition: Evaluate | undefined;
  readonly body: Evaluate;
  /** Cost of one turn. */
  readonly weight: number;
}

type Loop = (frame: Frame, items: readonly Json[], macro: Comprehension) => Json | undefined;

const LOOPS: Readonly<Record<string, { readonly loop: Loop; readonly mayEndEarly: boolean }>> = {
  all: { loop: (frame, items, macro) => decideBy(frame, items, { macro, decisive: false }), mayEndEarly: true },
  exists: { loop: (frame, items, macro) => decideBy(frame, items, { macro, decisive: true }), mayEndEarly: true },
  exists_one: { loop: existsOne, mayEndEarly: false },
  filter: { loop: filter, mayEndEarly: false },
  map: { loop: map, mayEndEarly: false },
};

export function isMacro(name: string): boolean {
  return Object.hasOwn(LOOPS, name);
}

/** Makes the part that runs a macro. */
export function comprehend(name: string, macro: Comprehension): Evaluate {
  const found = LOOPS[name];
  return (frame) => {
    const value = macro.receiver(frame);
    if (value === undefined || found === undefined) return undefined;
    const items = itemsOf(frame, name, value);
    if (items === undefined) return undefined;
    // All turns will be taken: if they can't be paid for, not one is.
    if (!found.mayEndEarly && items.length * macro.weight > frame.fuel) frame.fuel = -1;
    return frame.fuel < 0 ? undefined : found.loop(frame, items, macro);
  };
}

/** Of a list its elements, of a map its keys. */
function itemsOf(frame: Frame, name: string, value: Json): readonly Json[] | undefined {
  if (isList(value)) return value;
  if (!isJsonObject(value)) {
    return fail(frame, () => ({
      where: `what ${name}() goes through`,
      expected: "a list or map",
      got: describe(value),
    }));
  }
  const keys = Object.keys(value);
  return spend(frame, keys.length * COST_OF_KEY) ? keys : undefined;
}

function turn(frame: Frame, item: Json, macro: Comprehension): boolean {
  frame.variables[macro.slot] = item;
  return spend(frame, macro.weight);
}

function decideBy(
  frame: Frame,
  items: readonly Json[],
  { macro, decisive }: { macro: Comprehension; decisive: boolean },
): boolean | undefined {
  let failure: Frame["failure"];
  for (const item of items) {
    if (!turn(frame, item, macro)) return undefined;
    const value = macro.body(frame);
    if (value === decisive) return decisive;
    if (frame.fuel < 0) return undefined;
    if (value !== undefined && value !== !decisive) failBoolean(frame, "the condition of all() or exists()", value);
    if (value !== !decisive) failure ??= frame.failure;
  }
  return failure === undefined ? !decisive : fail(frame, failure);
}

/** The condition's value, or undefined when it failed or is no boolean. */
function ask(frame: Frame, name: string, condition: Evaluate): boolean | undefined {
  const value = condition(frame);
  if (value === undefined || typeof value === "boolean") return value;
  return failBoolean(frame, `the condition of ${name}()`, value);
}

function existsOne(frame: Frame, items: readonly Json[], macro: Comprehension): boolean | undefined {
  let count = 0;
  for (const item of items) {
    const isFound = turn(frame, item, macro) ? ask(frame, "exists_one", macro.body) : undefined;
    if (isFound === undefined) return undefined;
    if (isFound) count++;
  }
  return count === 1;
}

function filter(frame: Frame, items: readonly Json[], macro: Comprehension): Json | undefined {
  const kept: Json[] = [];
  for (const item of items) {
    const isKept = turn(frame, item, macro) ? ask(frame, "filter", macro.body) : undefined;
    if (isKept === undefined) return undefined;
    if (isKept) kept.push(item);
  }
  return kept;
}

function map(frame: Frame, items: readonly Json[], macro: Comprehension): Json | undefined {
  const made: Json[] = [];
  for (const item of items) {
    if (!turn(frame, item, macro)) return undefined;
    const isWanted = macro.condition === undefined ? true : ask(frame, "map", macro.condition);
    if (isWanted === undefined) return undefined;
    if (!isWanted) continue;
    const value = macro.body(frame);
    if (value === undefined) return undefined;
    made.push(value);
  }
  return made;
}
