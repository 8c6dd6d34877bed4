import { formatPath, isJsonObject, toExcerpt, type Json, type JsonObject, type Problem } from "../../base/index.ts";
import {
  applyPatch,
  checkPlan,
  parsePatch,
  type PatchOperation,
  type PlanGraph,
  type PlanNode,
  type PlanPatch,
} from "../../plan/index.ts";
import { checkInputs } from "./check-inputs.ts";
import { toLimits } from "./limits.ts";
import { problemsOf, readDocument } from "./read-document.ts";
import { stateOf, type ReplanGoal } from "./replan-request.ts";
import { demandPlannable, noNodes, vetNode, type Allowed } from "./vet.ts";

const ROOT = "patch";

/** A patch that may be proposed to the run, why the model gives up, or everything that is wrong with what it wrote. */
export type ReadPatch =
  | {
      readonly tag: "patch";
      readonly patch: PlanPatch;
      /** The plan that it makes. */
      readonly plan: PlanGraph;
      readonly warnings: readonly Problem[];
    }
  | { readonly tag: "give-up"; readonly why: string }
  | { readonly tag: "problems"; readonly problems: readonly Problem[] };

/**
 * Reads the change of a running plan in a model's reply: its nodes as strictly as those of `readPlan`, only nodes changed that have
 * not started, and the plan that it makes checked whole. Whether they still have not started, the run looks at again.
 *
 * @throws {InputError} TOOL_NAME_TAKEN, TOOL_BY_NODE, ACTION_NAME_TAKEN when the tools themselves can't be offered.
 */
export function readPatch(text: string, reading: Omit<ReplanGoal, "goal">): ReadPatch {
  demandPlannable(reading.tools);
  const limits = toLimits(reading.limits);
  const read = readDocument(text, ROOT, limits);
  if (read.tag === "problems") return read;
  const answer = isJsonObject(read.value) ? read.value : {};
  const { giveUp, patch } = answer;
  if (Object.keys(answer).length !== 1 || (giveUp === undefined && patch === undefined))
    return refused([notOne(read.value)]);
  if (giveUp === undefined) return readOperations(patch ?? null, reading, { tools: reading.tools, limits });
  if (typeof giveUp === "string" && giveUp.trim() !== "") return { tag: "give-up", why: giveUp };
  return refused([{ code: "PLAN_SHAPE", path: "giveUp", expected: "why, as text", got: "none", fix: "Say why." }]);
}

type Reading = Omit<ReplanGoal, "goal">;

function readOperations(value: Json, reading: Reading, allowed: Allowed): ReadPatch {
  const vetted = vetOperations(value, allowed);
  try {
    const patch = parsePatch(value, { path: ROOT });
    const problems = [...vetted, ...patch.flatMap((operation, index) => refuseStarted(operation, index, reading))];
    if (patch.length === 0) problems.push(notOne(null));
    if (problems.length > 0) return refused(problems);
    return checkResult(applyPatch(reading.plan, patch), patch, { reading, allowed });
  } catch (error) {
    const paths = new Set(vetted.map(({ path }) => path));
    return refused([...vetted, ...problemsOf(error, ROOT).filter(({ path }) => !paths.has(path))]);
  }
}

function vetOperations(value: Json, allowed: Allowed): readonly Problem[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((operation: Json, index) => {
    const node = isJsonObject(operation) ? operation["node"] : undefined;
    return node === undefined ? [] : vetNode(node, [ROOT, index, "node"], allowed);
  });
}

/** What the engine would refuse, and what is not for a model to decide: its budget, and that it is done. */
function refuseStarted(operation: PatchOperation, index: number, { plan, state }: Reading): readonly Problem[] {
  const path = `${ROOT}[${index}]`;
  switch (operation.op) {
    case "add-node":
    case "set-output":
      return [];

    case "replace-node":
    case "remove-node":
    case "give-up-node": {
      if (!Object.hasOwn(plan.nodes, operation.id)) return []; // told by applyPatch, with what was meant
      const wanted = operation.op === "give-up-node" ? "replan" : "pending";
      const got = stateOf(state, operation.id);
      if (got === wanted) return [];
      const expected =
        wanted === "pending" ? "a node that has not started" : "a node that failed and waits to be replanned";
      const fix = "Leave it as it is, and add a node that does what is missing.";
      return [{ code: "PATCH_REFUSED", path: `${path}.id`, expected, got: `${operation.id}, which is ${got}`, fix }];
    }

    default: {
      const expected = "an operation on nodes, or set-output";
      return [{ code: "PLAN_FORBIDDEN", path: `${path}.op`, expected, got: operation.op, fix: "Remove it." }];
    }
  }
}

interface Result {
  readonly reading: Reading;
  readonly allowed: Allowed;
}

function checkResult(plan: PlanGraph, patch: PlanPatch, { reading, allowed }: Result): ReadPatch {
  const { tools, limits } = allowed;
  const names = new Set([...tools.map(({ name }) => name), ...usedIn(reading.plan)]);
  const { errors, warnings } = checkPlan(plan, (name) => (names.has(name) ? { ok: true } : { ok: false }));
  const problems: Problem[] = errors.map((problem) => (problem.path === "" ? { ...problem, path: ROOT } : problem));
  problems.push(...checkInputs(changedBy(patch), tools));
  const count = Object.keys(plan.nodes).length;
  if (count === 0) problems.push(noNodes(ROOT));
  const added = count - Object.keys(reading.plan.nodes).length;
  if (added > limits.nodes) {
    const fix = "Plan the rest with fewer nodes.";
    problems.push({
      code: "PLAN_TOO_LARGE",
      path: ROOT,
      expected: `at most ${limits.nodes} more nodes`,
      got: String(added),
      fix,
    });
  }
  return problems.length > 0 ? refused(problems) : { tag: "patch", patch, plan, warnings };
}

/** What the plan used before was allowed by someone else. */
function usedIn({ nodes, grows }: PlanGraph): readonly string[] {
  const used = Object.values(nodes).flatMap(({ uses, onFailure }) =>
    typeof onFailure === "object" ? [uses, onFailure.fallback.uses] : [uses],
  );
  return grows === undefined ? used : [...used, grows];
}

function changedBy(patch: PlanPatch): Readonly<Record<string, PlanNode>> {
  return Object.fromEntries(
    patch.flatMap((operation) => ("node" in operation ? [[operation.id, operation.node] as const] : [])),
  );
}

function notOne(value: Json): Problem {
  const got = isJsonObject(value) ? showFields(value) : "something else";
  const fix = "Write one of the two.";
  return { code: "PLAN_SHAPE", path: ROOT, expected: "{ patch: [operations] } or { giveUp: why }", got, fix };
}

function showFields(value: JsonObject): string {
  return toExcerpt(`the fields ${formatPath(Object.keys(value).slice(0, 5))}`, 100);
}

function refused(problems: readonly Problem[]): ReadPatch {
  return { tag: "problems", problems };
}
