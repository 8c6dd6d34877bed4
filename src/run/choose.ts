import { firstPolicy, type ChoiceDefinition, type Distribution, type Policy } from "../action/index.ts";
import { checkStrictJson, PermanentError, type Json } from "../base/index.ts";
import { usageOf, unitFrom, type NodeDecided, type NodeState } from "../plan/index.ts";
import type { Engine } from "./engine.ts";
import { record, timeFor, type Hosted } from "./hosted.ts";
import { mayStart } from "./may-start.ts";
import { variantOf } from "./natures.ts";

type Decision = NodeDecided["decisions"][number];

/**
 * Lets policies choose among the variants of a node, one choice inside the other, and records what they chose and how
 * likely it was, before any attempt. A recovery reads the record; it never samples again.
 */
export async function choose(hosted: Hosted, node: NodeState, input: Json): Promise<void> {
  const path: string[] = [];
  const decisions: Decision[] = [];
  const action = hosted.engine.registry.find(usageOf(hosted.state, node).uses);
  for (;;) {
    const definition = variantOf(action, path)?.definition;
    if (definition?.tag !== "choice") break;
    const name = variantOf(action, path)?.name ?? "";
    const decision = await decideOne(hosted.engine, definition, {
      choice: name,
      input,
      seed: seedOf(hosted, node, path.length),
    });
    decisions.push(decision);
    path.push(decision.variant);
  }
  if (!mayStart(hosted, node)) return;
  record(hosted, { type: "node-decided", at: timeFor(hosted), node: node.id, path, decisions });
}

function seedOf({ state }: Hosted, node: NodeState, depth: number): string {
  return `${state.seed}/${node.id}/${node.generation}/choice/${depth}`;
}

interface Question {
  readonly choice: string;
  readonly input: Json;
  readonly seed: string;
}

async function decideOne(
  engine: Engine,
  definition: ChoiceDefinition,
  { choice, input, seed }: Question,
): Promise<Decision> {
  const allowed = Object.keys(definition.variants);
  const policy = policyOf(engine, definition.policy);
  const state = checkStrictJson(definition.state(input));
  const { first } = definition;
  const distribution = await ask(policy, { choice, state, allowed, first });
  const variant = sample(distribution, allowed, unitFrom(seed)) ?? first;
  const { probabilities, reason } = distribution;
  return {
    choice,
    variant,
    propensity: probabilities[variant] ?? 0,
    probabilities,
    policy: `${policy.name}@${policy.version}`,
    state,
    ...(reason !== undefined && { reason }),
  };
}

function policyOf(engine: Engine, policy: Policy | string): Policy {
  if (typeof policy !== "string") return policy;
  const known = engine.policies.get(policy);
  if (known !== undefined) return known;
  throw new PermanentError("POLICY_UNKNOWN", `No policy is registered as "${policy}". Add it to \`policies\`.`);
}

/** A policy that fails must not stop the work: the choice falls back to its first variant, and says so. */
async function ask(policy: Policy, request: Parameters<Policy["distribution"]>[0]): Promise<Distribution> {
  try {
    const answer = await policy.distribution(request);
    const fault = faultIn(answer, request.allowed);
    if (fault === undefined) return answer;
    return { ...(await firstPolicy.distribution(request)), reason: `the policy's answer is unusable: ${fault}` };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ...(await firstPolicy.distribution(request)), reason: `the policy failed: ${message}` };
  }
}

function faultIn({ probabilities }: Distribution, allowed: readonly string[]): string | undefined {
  let sum = 0;
  for (const [name, probability] of Object.entries(probabilities)) {
    if (!allowed.includes(name)) return `${name} is not allowed`;
    if (!(probability >= 0 && probability <= 1)) return `${name} has probability ${probability}`;
    sum += probability;
  }
  return Math.abs(sum - 1) <= 1e-9 ? undefined : `the probabilities sum to ${sum}`;
}

/** Inverse transform sampling over the variants in their declared order. */
function sample({ probabilities }: Distribution, allowed: readonly string[], unit: number): string | undefined {
  let sum = 0;
  let last: string | undefined;
  for (const name of allowed) {
    const probability = probabilities[name] ?? 0;
    if (probability === 0) continue;
    sum += probability;
    last = name;
    if (unit < sum) return name;
  }
  return last;
}
