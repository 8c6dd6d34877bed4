import type { AttemptContext, EffectDefinition } from "./definition.ts";

/** The part of an attempt's context that concerns labels, counters and watchers, where there are none. */
export const QUIET: Pick<AttemptContext<unknown>, "alive" | "labels" | "label" | "emit" | "used" | "read"> = {
  alive: () => {},
  labels: [],
  label: () => {},
  emit: () => {},
  used: () => {},
  read: () => undefined,
};

/** The labels and approval of an action that says nothing of them. */
export const UNLABELLED: Pick<EffectDefinition, "gives" | "refuses" | "isApproved"> = {
  gives: [],
  refuses: [],
  isApproved: false,
};
