export { defineChoice, firstPolicy, type ChoiceOptions } from "./choice.ts";
export {
  asOutcome,
  defineAction,
  defineQuery,
  type ActionBase,
  type ActionOptions,
  type LabelRules,
} from "./define.ts";
export { joinLabels, NO_LABELS, toLabels } from "./labels.ts";
export { QUIET, UNLABELLED } from "./quiet.ts";
export type {
  Action,
  AnyAction,
  AttemptContext,
  ByNodeDefinition,
  ChoiceDefinition,
  DecisionRequest,
  Definition,
  Distribution,
  EffectDefinition,
  GrowingRun,
  GrownNode,
  Growth,
  Label,
  Limits,
  Outcome,
  PlanDefinition,
  Policy,
  ReadNode,
  Repeat,
  ResourceUse,
  UndoContext,
} from "./definition.ts";
export { fromJsonSchema } from "./from-json-schema.ts";
export { toJsonSchema } from "./to-json-schema.ts";
export { toProblems, validateValue } from "./validate-value.ts";
