import { isJsonObject, type JsonObject } from "../../base/index.ts";
import type { Budget, PlanGraph, PlanNode } from "../graph.ts";
import { keepTable } from "../node-table.ts";
import {
  isMissing,
  readAmounts,
  readFields,
  readInteger,
  readName,
  refuse,
  type Draft,
  type FieldReader,
  type Fields,
} from "./fields.ts";
import { checkIds, checkPlanNames, isId, isPlanName } from "./ids.ts";
import { readJson } from "./json-value.ts";
import { isPlainStep, readNode } from "./parse-node.ts";
import { complain, createReport, toPlanError, type Place } from "./report.ts";
import { under } from "./show.ts";

const MOST_NODES = 200_000;
const DEEPEST = 8;
const LONGEST_NAME = 100;

/** How the plan's problems are worded and placed. */
export interface ParseOptions {
  /** Put before every path, such as `plan` where the plan is a field of something larger. Default: nothing. */
  readonly path?: string;
}

type PlanDraft = Draft<PlanGraph>;
type BudgetDraft = Draft<Budget>;

/** A plan's own place: how deep it is nested, and the nodes that all its plans have together. */
interface PlanPlace extends Place {
  readonly depth: number;
  readonly count: { nodes: number };
}

const BUDGET: Fields<BudgetDraft> = new Map<string, FieldReader<BudgetDraft>>([
  [
    "attempts",
    (budget, value, place) => {
      const attempts = readInteger(place, value, { min: 1, max: 1_000_000_000 });
      if (attempts !== undefined) budget.attempts = attempts;
    },
  ],
  [
    "wallMs",
    (budget, value, place) => {
      const wallMs = readInteger(place, value, { min: 1, max: 31_536_000_000 });
      if (wallMs !== undefined) budget.wallMs = wallMs;
    },
  ],
  [
    "counters",
    (budget, value, place) => {
      const counters = readAmounts(place, value);
      if (counters !== undefined) budget.counters = counters;
    },
  ],
]);

/**
 * Checks the shape of untrusted data and gives the plan in its one normal form: shorthands written out, what equals
 * its default left out. Values inside `with`, `input`, `output` and `effect` are taken over as they are, so the
 * caller must not change them afterwards. What the parts say of each other is `checkPlan`'s business.
 *
 * @throws {InputError} with all problems at once; codes PLAN_SHAPE, PLAN_UNKNOWN_FIELD, PLAN_BAD_ID, PLAN_TOO_LARGE.
 */
export function parsePlan(value: unknown, options: ParseOptions = {}): PlanGraph {
  const report = createReport();
  const plan = readPlan(value, { report, path: options.path ?? "", depth: 0, count: { nodes: 0 } });
  if (report.problems.length > 0) throw toPlanError("The plan has problems", report);
  return plan;
}

function readPlan(value: unknown, place: PlanPlace, name: string = ""): PlanGraph {
  const plan: PlanDraft = { name, nodes: {} };
  const fields: Fields<PlanDraft> = new Map<string, FieldReader<PlanDraft>>([
    ["$schema", () => undefined],
    ["name", readPlanName],
    ["input", readInputSchema],
    ["nodes", (draft, nodes, at) => readNodes(draft, nodes, { ...place, path: at.path })],
    ["output", readOutput],
    ["budget", readBudget],
    ["grows", readGrower],
    ["plans", (draft, plans, at) => readPlans(draft, plans, { ...place, path: at.path })],
  ]);
  readFields(plan, value, { report: place.report, path: place.path, fields, what: "a plan" });
  if (isJsonObject(value)) requireFields(value, place, name);
  return plan;
}

function requireFields(value: JsonObject, { report, path }: Place, name: string): void {
  if (isMissing(value, "name") && name === "") {
    refuse({ report, path: under(path, "name") }, undefined, { expected: "the plan's name", fix: "Add name: NAME." });
  }
  if (isMissing(value, "nodes")) {
    refuse({ report, path: under(path, "nodes") }, undefined, {
      expected: "the plan's nodes",
      fix: "Add nodes: { ID: { uses: NAME } }.",
    });
  }
}

function readPlanName(plan: PlanDraft, value: unknown, place: Place): void {
  plan.name = readName(place, value, LONGEST_NAME) ?? "";
}

function readGrower(plan: PlanDraft, value: unknown, place: Place): void {
  const name = readName(place, value, LONGEST_NAME);
  if (name !== undefined && name !== "") plan.grows = name;
}

function readInputSchema(plan: PlanDraft, value: unknown, place: Place): void {
  const schema = readJson(place, value);
  if (schema === undefined || schema === true) return;
  if (schema === false || isJsonObject(schema)) plan.input = schema;
  else refuse(place, value, { expected: "a JSON Schema", fix: "Write an object such as { type: object }, or true." });
}

function readOutput(plan: PlanDraft, value: unknown, place: Place): void {
  const output = readJson(place, value);
  if (output !== undefined && output !== null) plan.output = output;
}

function readBudget(plan: PlanDraft, value: unknown, place: Place): void {
  const budget: BudgetDraft = {};
  readFields(budget, value, { ...place, fields: BUDGET, what: "a budget" });
  if (Object.keys(budget).length > 0) plan.budget = budget;
}

function readNodes(plan: PlanDraft, value: unknown, place: PlanPlace): void {
  const { report, path, count } = place;
  if (!isJsonObject(value)) {
    refuse(place, value, { expected: "the nodes by id", fix: "Write an object: nodes: { ID: { uses: NAME } }." });
    return;
  }
  let ids = Object.keys(value);
  count.nodes += ids.length;
  if (count.nodes > MOST_NODES) {
    const expected = `at most ${MOST_NODES} nodes in all`;
    const fix = "Split the plan, or let one node do many things.";
    complain(report, { code: "PLAN_TOO_LARGE", path, expected, got: String(count.nodes), fix });
    return;
  }
  if (!checkIds(ids, place)) ids = ids.filter(isId);
  plan.nodes = readEachNode(value, ids, place);
}

function readEachNode(value: JsonObject, ids: readonly string[], { report, path }: Place): PlanGraph["nodes"] {
  const list: PlanNode[] = [];
  let isNormal = Object.getPrototypeOf(value) === Object.prototype;
  for (const id of ids) {
    const source = value[id];
    const node = isPlainStep(source) ? source : readNode(source, { report, path: `${path}.${id}` });
    if (node !== source) isNormal = false;
    if (node !== undefined) list.push(node);
  }
  // After a complaint nobody gets to see the nodes.
  if (list.length < ids.length) return {};
  const nodes = isTable(value, isNormal) ? value : toTable(ids, list);
  keepTable(nodes, { ids, nodes: list });
  return nodes;
}

function toTable(ids: readonly string[], list: readonly PlanNode[]): PlanGraph["nodes"] {
  const nodes: Record<string, PlanNode> = {};
  for (const [index, node] of list.entries()) nodes[ids[index] ?? ""] = node;
  return nodes;
}

/** Where every node was in normal form already, the table of nodes is taken over as it is. */
function isTable(_value: object, isNormal: boolean): _value is PlanGraph["nodes"] {
  return isNormal;
}

function readPlans(plan: PlanDraft, value: unknown, place: PlanPlace): void {
  const { report, path, depth } = place;
  if (!isJsonObject(value)) {
    refuse(place, value, { expected: "plans by name", fix: "Write an object: plans: { NAME: { nodes: ... } }." });
    return;
  }
  if (depth === DEEPEST) {
    const fix = "Move the innermost plans up.";
    complain(report, {
      code: "PLAN_TOO_LARGE",
      path,
      expected: `plans nested at most ${DEEPEST} deep`,
      got: "more",
      fix,
    });
    return;
  }
  const names = Object.keys(value);
  checkPlanNames(names, place);
  const plans: Record<string, PlanGraph> = {};
  for (const name of names) {
    if (isPlanName(name))
      plans[name] = readPlan(value[name], { ...place, path: under(path, name), depth: depth + 1 }, name);
  }
  if (names.length > 0) plan.plans = plans;
}
