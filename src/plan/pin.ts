import type { NatureOf } from "./compiled.ts";
import type { Nature } from "./nature.ts";

/**
 * An action as a run was started with it. The nature is kept, so that a journal folds to the same states whatever
 * becomes of the code, and by whoever reads it. It is absent where the plan itself states the nature (`process`).
 */
export interface Pin {
  readonly version: string;
  readonly nature?: Nature;
}

/** Pins by action name; those of a choice's variants by the path to them: `triage/large`. */
export type Pins = Readonly<Record<string, Pin>>;

/** The name of an action, or of a variant of a choice, among the pins. */
export function pinName(uses: string, path: readonly string[] = []): string {
  return path.length === 0 ? uses : [uses, ...path].join("/");
}

/** Looks natures up in the pins first, and only then among the actions that are there now. */
export function pinnedNatureOf(pins: Pins, natureOf: NatureOf): NatureOf {
  return (usage, path) => pins[pinName(usage.uses, path)]?.nature ?? natureOf(usage, path);
}
