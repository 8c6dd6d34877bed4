import { toLabels, type Label } from "../../action/index.ts";
import { isJsonObject, type JsonObject } from "../../base/index.ts";
import type { FailureStrategy, NodeResource, PlanNode } from "../graph.ts";
import {
  isMissing,
  PLAIN,
  readAmounts,
  readFields,
  readInteger,
  readList,
  readName,
  readWord,
  refuse,
  type Draft,
  type FieldReader,
  type Fields,
} from "./fields.ts";
import { checkWork, isBuiltin } from "./builtins.ts";
import { isStrictJson, readJson } from "./json-value.ts";
import { readAfter, readJoin, readOptional, readReads } from "./parse-edges.ts";
import { readRetry } from "./parse-retry.ts";
import type { Place } from "./report.ts";

type NodeDraft = Draft<PlanNode>;
type Fallback = Draft<Extract<FailureStrategy, object>["fallback"]>;

const LONGEST_MS = 31_536_000_000;
const LONGEST_EXPRESSION = 10_000;
const LONGEST_NAME = 200;
const STRATEGIES = ["rollback", "fail", "skip", "observe", "ask", "replan"] as const;
const LABELS = ["secret", "untrusted"] as const;

const WORK: Fields<Fallback> = new Map<string, FieldReader<Fallback>>([
  ["uses", readUses],
  ["with", readWith],
  ["effect", readEffectObject],
]);

const NODE: Fields<NodeDraft> = new Map<string, FieldReader<NodeDraft>>([
  ["uses", readUses],
  ["with", readWith],
  ["after", readAfter],
  ["when", readWhen],
  ["optional", readOptional],
  ["join", readJoin],
  ["onFailure", readStrategy],
  ["retry", readRetry],
  ["timeoutMs", (node, value, place) => readLimit(node, value, { ...place, field: "timeoutMs" })],
  ["idleMs", (node, value, place) => readLimit(node, value, { ...place, field: "idleMs" })],
  ["totalMs", (node, value, place) => readLimit(node, value, { ...place, field: "totalMs" })],
  ["resources", readResources],
  ["priority", readPriority],
  ["counters", readCounters],
  ["reads", readReads],
  ["labels", readLabels],
  ["approve", readApprove],
  ["effect", readEffectObject],
]);

/** Reads one node into its normal form, or gives undefined after complaints. */
export function readNode(value: unknown, place: Place): PlanNode | undefined {
  const node: NodeDraft = { uses: "" };
  readFields(node, value, { report: place.report, path: place.path, fields: NODE, what: "a node" });
  if (node.uses !== "") {
    checkWork(node, place);
    return isSame(value, node) ? value : node;
  }
  if (isJsonObject(value) && isMissing(value, "uses")) refuseWithoutUses(place);
  return undefined;
}

/** Tells whether a value is a node that says only what it uses and with what: most nodes of large plans do. */
export function isPlainStep(value: unknown): value is PlanNode {
  if (!isJsonObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return false;
  let usesAction = false;
  // Unlike Object.keys, this makes no list; a key that is inherited is refused as any other.
  for (const key in value) {
    const field = value[key];
    if (key === "uses") usesAction = isActionName(field);
    else if (key !== "with" || field === null || !isStrictJson(field)) return false;
  }
  return usesAction;
}

function isActionName(uses: unknown): boolean {
  return typeof uses === "string" && uses.length <= LONGEST_NAME && PLAIN.test(uses) && !isBuiltin(uses);
}

/** Tells whether a value is in normal form already: taking it over saves a large plan its second copy. */
function isSame(value: unknown, node: PlanNode): value is PlanNode {
  if (!isJsonObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return false;
  const keys = Object.keys(value);
  for (const key of keys) if (value[key] !== Reflect.get(node, key)) return false;
  return keys.length === Object.keys(node).length;
}

function refuseWithoutUses({ report, path }: Place): void {
  const expected = "the action that the node uses";
  refuse({ report, path: `${path}.uses` }, undefined, { expected, fix: "Add uses: NAME, for example uses: process." });
}

function readUses(node: { uses: string }, value: unknown, place: Place): void {
  node.uses = readName(place, value, LONGEST_NAME) ?? "";
}

function readWith(node: { with?: PlanNode["with"] }, value: unknown, place: Place): void {
  const template = readJson(place, value);
  if (template !== undefined && template !== null) node.with = template;
}

function readEffectObject(node: { effect?: JsonObject }, value: unknown, place: Place): void {
  const effect = readJson(place, value);
  if (effect === undefined) return;
  if (isJsonObject(effect)) node.effect = effect;
  else refuse(place, value, { expected: "an object", fix: "Write effect: { repeat: ..., undo: ... }." });
}

function readWhen(node: NodeDraft, value: unknown, place: Place): void {
  const words = {
    expected: "an expression as text, without ${ }",
    fix: 'Write for example when: "nodes.a.output.left > 0".',
  };
  if (typeof value !== "string" || value.trim() === "" || value.trim().startsWith("${")) refuse(place, value, words);
  else if (value.length > LONGEST_EXPRESSION || !value.isWellFormed()) {
    refuse(place, value, {
      expected: `well-formed text of at most ${LONGEST_EXPRESSION} characters`,
      fix: "Shorten it.",
    });
  } else node.when = value;
}

function readStrategy(node: NodeDraft, value: unknown, place: Place): void {
  if (!isJsonObject(value)) {
    const strategy = readWord(place, value, STRATEGIES);
    if (strategy !== undefined && strategy !== "rollback") node.onFailure = strategy;
    return;
  }
  if (Object.keys(value).join() !== "fallback") {
    const expected = `one of ${STRATEGIES.join(", ")}, or { fallback: { uses, with } }`;
    refuse(place, value, { expected, fix: "Name the action to take instead: fallback: { uses: NAME }." });
    return;
  }
  const at = { report: place.report, path: `${place.path}.fallback` };
  const fallback: Fallback = { uses: "" };
  readFields(fallback, value["fallback"], { ...at, fields: WORK, what: "a fallback" });
  if (fallback.uses !== "") {
    checkWork(fallback, at);
    node.onFailure = { fallback };
  } else if (isJsonObject(value["fallback"]) && isMissing(value["fallback"], "uses")) refuseWithoutUses(at);
}

function readLimit(
  node: NodeDraft,
  value: unknown,
  place: Place & { readonly field: "timeoutMs" | "idleMs" | "totalMs" },
): void {
  const ms = readInteger(place, value, { min: 1, max: LONGEST_MS });
  if (ms !== undefined) node[place.field] = ms;
}

function readResources(node: NodeDraft, value: unknown, place: Place): void {
  const list = readList(place, value, "a list of resources");
  if (list === undefined) return;
  const units = new Map<string, number>();
  for (const [index, item] of list.entries()) {
    const resource = readResource(item, { report: place.report, path: `${place.path}[${index}]` });
    if (resource === undefined) continue;
    if (units.has(resource.name)) {
      refuse(place, resource.name, { expected: "each resource once", fix: "Add the units up in one entry." });
    }
    units.set(resource.name, resource.units);
  }
  if (units.size > 0) node.resources = Array.from(units, ([name, count]) => ({ name, units: count }));
}

const RESOURCE: Fields<Draft<NodeResource>> = new Map<string, FieldReader<Draft<NodeResource>>>([
  [
    "name",
    (resource, value, place) => {
      resource.name = readName(place, value, 100) ?? "";
    },
  ],
  [
    "units",
    (resource, value, place) => {
      resource.units = readInteger(place, value, { min: 1, max: 1_000_000 }) ?? 1;
    },
  ],
]);

function readResource(value: unknown, place: Place): NodeResource | undefined {
  const resource: Draft<NodeResource> = { name: "", units: 1 };
  if (typeof value === "string") resource.name = readName(place, value, 100) ?? "";
  else readFields(resource, value, { ...place, fields: RESOURCE, what: "a resource" });
  if (isJsonObject(value) && isMissing(value, "name")) {
    refuse({ ...place, path: `${place.path}.name` }, undefined, { expected: "the resource's name", fix: "Add name." });
  }
  return resource.name === "" ? undefined : resource;
}

function readPriority(node: NodeDraft, value: unknown, place: Place): void {
  const priority = readInteger(place, value, { min: -1_000_000, max: 1_000_000 });
  if (priority !== undefined && priority !== 0) node.priority = priority;
}

function readLabels(node: NodeDraft, value: unknown, place: Place): void {
  const list = readList(place, value, "a list of labels");
  if (list === undefined) return;
  const labels = new Set<Label>();
  for (const [index, item] of list.entries()) {
    const label = readWord({ report: place.report, path: `${place.path}[${index}]` }, item, LABELS);
    if (label !== undefined) labels.add(label);
  }
  if (labels.size > 0) node.labels = toLabels(labels);
}

function readApprove(node: NodeDraft, value: unknown, place: Place): void {
  if (value === true) node.approve = true;
  else if (value !== false) refuse(place, value, { expected: "true or false", fix: "Write approve: true." });
}

function readCounters(node: NodeDraft, value: unknown, place: Place): void {
  const counters = readAmounts(place, value);
  if (counters !== undefined) node.counters = counters;
}
