import { isJsonObject, type Json } from "../../base/index.ts";
import type { PlanNode } from "../graph.ts";
import type { PatchOperation, PlanPatch } from "../patch.ts";
import {
  isMissing,
  readAmounts,
  readFields,
  readList,
  readWord,
  refuse,
  type FieldReader,
  type Fields,
} from "./fields.ts";
import { isId } from "./ids.ts";
import { readJson } from "./json-value.ts";
import { readNode } from "./parse-node.ts";
import { complain, createReport, toPlanError, type Place } from "./report.ts";

const OPERATIONS = [
  "add-node",
  "replace-node",
  "remove-node",
  "set-output",
  "give-up-node",
  "add-budget",
  "stop-growing",
] as const;
const MOST = 10_000;
const FIX =
  "Write { op, id, node }, { op: remove-node, id }, { op: set-output, output }, { op: add-budget, counters } or { op: stop-growing }.";

interface Draft {
  op?: PatchOperation["op"];
  id?: string;
  node?: PlanNode;
  output?: Json;
  counters?: Readonly<Record<string, number>>;
}

const FIELDS: Fields<Draft> = new Map<string, FieldReader<Draft>>([
  [
    "op",
    (draft, value, place) => {
      const op = readWord(place, value, OPERATIONS);
      if (op !== undefined) draft.op = op;
    },
  ],
  [
    "id",
    (draft, value, place) => {
      if (isId(value)) draft.id = value;
      else refuse(place, value, { expected: "the id of a node", fix: "Take 1 to 64 letters, digits, _ or -." });
    },
  ],
  [
    "node",
    (draft, value, place) => {
      const node = readNode(value, place);
      if (node !== undefined) draft.node = node;
    },
  ],
  [
    "counters",
    (draft, value, place) => {
      const counters = readAmounts(place, value);
      if (counters !== undefined) draft.counters = counters;
    },
  ],
  [
    "output",
    (draft, value, place) => {
      const output = readJson(place, value);
      if (output !== undefined) draft.output = output;
    },
  ],
]);

/**
 * Checks the shape of a patch from outside and gives it in normal form, its nodes as `parsePlan` gives them.
 *
 * @throws {InputError} with all problems at once, with the codes of `parsePlan`.
 */
export function parsePatch(value: unknown, options: { readonly path?: string } = {}): PlanPatch {
  const report = createReport();
  const place = { report, path: options.path ?? "patch" };
  const list = readList(place, value, "a list of operations") ?? [];
  if (list.length > MOST) {
    const expected = `at most ${MOST} operations`;
    complain(report, {
      code: "PLAN_TOO_LARGE",
      ...place,
      expected,
      got: String(list.length),
      fix: "Send several patches.",
    });
  }
  const patch = list
    .slice(0, MOST)
    .map((item, index) => readOperation(item, { report, path: `${place.path}[${index}]` }));
  if (report.problems.length > 0) throw toPlanError("The patch has problems", report);
  return patch.filter((operation) => operation !== undefined);
}

function readOperation(value: unknown, place: Place): PatchOperation | undefined {
  const draft: Draft = {};
  const before = place.report.problems.length;
  readFields(draft, value, { report: place.report, path: place.path, fields: FIELDS, what: "an operation" });
  const operation = toOperation(draft);
  const isIncomplete = operation === undefined || hasMore(draft, operation);
  if (isIncomplete && isJsonObject(value) && place.report.problems.length === before) {
    const got = isMissing(value, "op") ? "no op" : `the fields ${Object.keys(draft).join(", ")}`;
    complain(place.report, { code: "PLAN_SHAPE", path: place.path, expected: "a whole operation", got, fix: FIX });
  }
  return operation;
}

function toOperation({ op, id, node, output, counters }: Draft): PatchOperation | undefined {
  if (op === "set-output") return output === undefined ? undefined : { op, output };
  if (op === "stop-growing") return { op };
  if (op === "add-budget") return counters === undefined ? undefined : { op, counters };
  if (op === undefined || id === undefined) return undefined;
  if (op === "remove-node" || op === "give-up-node") return { op, id };
  return node === undefined ? undefined : { op, id, node };
}

function hasMore(draft: Draft, operation: PatchOperation): boolean {
  return Object.keys(draft).length !== Object.keys(operation).length;
}
