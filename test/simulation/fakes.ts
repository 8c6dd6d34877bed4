import { UNLABELLED, type AnyAction, type EffectDefinition, type Policy } from "../../src/action/index.ts";
import { isJsonObject } from "../../src/base/index.ts";
import type { Random } from "../../src/testing/random.ts";
import type { Witness } from "../../src/testing/witness.ts";

/** What a seed's fake actions can do; the same for all that the seed does. */
export interface Cast {
  readonly names: readonly string[];
  readonly actions: (witness: Witness) => readonly AnyAction[];
  readonly policies: readonly Policy[];
}

type Traits = Pick<
  EffectDefinition,
  "repeat" | "limits" | "resources" | "counters" | "gives" | "refuses" | "isApproved"
> & {
  readonly undo: "not-needed" | "impossible" | "possible";
  readonly undoesUnknown: boolean;
  readonly hasCheck: boolean;
  readonly hasIdentity: boolean;
};

/** Draws the actions of a seed. */
export function drawCast(random: Random, rules?: Random): Cast {
  const effects = Array.from({ length: random.between(3, 7) }, (_, at) => ({
    name: `e${at}`,
    traits: { ...drawTraits(random), ...(rules === undefined ? UNLABELLED : drawRules(rules)) },
  }));
  const isNested = random.chance(0.3);
  return {
    names: [...effects.map(({ name }) => name), "pick"],
    policies: [
      {
        name: "dice",
        version: "1",
        distribution: ({ allowed }) => ({
          probabilities: Object.fromEntries(allowed.map((name) => [name, 1 / allowed.length])),
        }),
      },
    ],
    actions: (witness) => {
      const made = effects.map(({ name, traits }) => toAction(name, traits, witness));
      const inner = toChoice("inner", made.slice(0, 2));
      return [...made, toChoice("pick", isNested ? [...made.slice(0, 2), inner] : made.slice(0, 3))];
    },
  };
}

function drawRules(random: Random): Pick<EffectDefinition, "gives" | "refuses" | "isApproved"> {
  return {
    gives: random.chance(0.25) ? ["untrusted"] : [],
    refuses: random.chance(0.2) ? ["untrusted"] : [],
    isApproved: random.chance(0.1),
  };
}

function drawTraits(random: Random): Omit<Traits, "gives" | "refuses" | "isApproved"> {
  return {
    repeat: random.pick(["safe", "keyed", "keyed", "never"]),
    undo: random.pick(["not-needed", "impossible", "possible", "possible", "possible"]),
    undoesUnknown: random.chance(0.4),
    hasCheck: random.chance(0.5),
    hasIdentity: random.chance(0.25),
    limits: {
      timeoutMs: random.between(60, 400),
      ...(random.chance(0.2) && { totalMs: random.between(300, 2_000) }),
      ...(random.chance(0.1) && { idleMs: random.between(40, 200) }),
    },
    resources: random.chance(0.25) ? [{ name: random.pick(["r0", "r1"]), units: 1 }] : [],
    counters: random.chance(0.2) ? { tokens: random.between(1, 20) } : {},
  };
}

function toAction(name: string, traits: Traits, witness: Witness): AnyAction {
  const { undo, undoesUnknown, hasCheck, hasIdentity, ...rest } = traits;
  const output = (key: string): { readonly v: number } => ({ v: Number.parseInt(key.slice(0, 4), 16) % 10 });
  const definition: EffectDefinition = {
    ...rest,
    tag: "effect",
    isQuery: false,
    input: undefined,
    output: undefined,
    undo: undo === "possible" ? () => null : undo,
    undoesUnknown,
    check: hasCheck
      ? ({ key }) =>
          witness.look(key)?.isStanding === true ? { tag: "done", output: output(key) } : { tag: "not-done" }
      : undefined,
    identity: hasIdentity ? (input) => (isJsonObject(input) ? JSON.stringify(input["effect"]) : "none") : undefined,
    run: ({ key, used, label }) => {
      const { v } = output(key);
      if (v > 6) used({ tokens: v - 6 });
      if (v === 0) label("secret");
      return { v };
    },
  };
  return { name, version: 1, definition };
}

function toChoice(name: string, variants: readonly AnyAction[]): AnyAction {
  const [first] = variants;
  return {
    name,
    version: 1,
    definition: {
      tag: "choice",
      variants: Object.fromEntries(variants.map((variant) => [variant.name, variant])),
      first: first?.name ?? "",
      policy: "dice",
      state: () => null,
    },
  };
}
