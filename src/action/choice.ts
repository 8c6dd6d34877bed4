import type { Json } from "../base/index.ts";
import type { Action, DecisionRequest, Policy } from "./definition.ts";

/** The default policy: always the variant that the choice names as its first. */
export const firstPolicy: Policy = {
  name: "first",
  version: "1",
  distribution: (request: DecisionRequest) => ({
    probabilities: Object.fromEntries(request.allowed.map((name) => [name, name === request.first ? 1 : 0])),
  }),
};

/** What a choice is made of. */
export interface ChoiceOptions<Input, Output, Names extends string> {
  readonly variants: Readonly<Record<Names, Action<Input, Output>>>;
  /** The variant that is taken until a policy has learnt better. */
  readonly first: NoInfer<Names>;
  /** A policy, or the name of one that the executor knows. Default: `first`. */
  readonly policy?: Policy | string;
  /** What the policy sees of the input; must be JSON. Default: nothing. */
  readonly state?: (input: Input) => Json;
  readonly version?: number;
}

/**
 * Gives an action that is one of several variants, chosen by a policy each time its turn comes. The choice and its
 * propensity are in the journal before the attempt; a recovery reads them and never samples again.
 */
export function defineChoice<Input, Output, Names extends string>(
  name: string,
  options: ChoiceOptions<Input, Output, Names>,
): Action<Input, Output> {
  const { state } = options;
  return {
    name,
    version: options.version ?? 1,
    definition: {
      tag: "choice",
      variants: options.variants,
      first: options.first,
      policy: options.policy ?? firstPolicy,
      state: state === undefined ? () => null : (input) => state(input as Input),
    },
  };
}
