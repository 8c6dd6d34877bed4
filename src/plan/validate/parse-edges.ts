import { isJsonObject } from "../../base/index.ts";
import type { AfterEdge, PlanNode } from "../graph.ts";
import { readList, readWord, refuse, type Draft } from "./fields.ts";
import { isId } from "./ids.ts";
import { complain, type Place } from "./report.ts";
import { show } from "./show.ts";

const MOST_EDGES = 100_000;
const LOSERS = ["leave", "cancel", "undo"] as const;
const ENDINGS = ["ok", "failed", "ended"] as const;
const AFTER_FIX = "Write node ids, or { node: ID, on: failed } for a handler.";

type Ending = (typeof ENDINGS)[number];

/** Reads `after`: ids, or objects that say on which ending; what is named twice is kept once. */
export function readAfter(node: Draft<PlanNode>, value: unknown, place: Place): void {
  const list = readEdgeList(place, value);
  if (list === undefined) return;
  const endings = new Map<string, Ending>();
  for (let index = 0; index < list.length; index++) {
    const edge = list[index];
    if (isId(edge) && !endings.has(edge)) endings.set(edge, "ok");
    else readEdge(endings, edge, { report: place.report, path: `${place.path}[${index}]` });
  }
  const after: AfterEdge[] = [];
  for (const [id, on] of endings) after.push(on === "ok" ? id : { node: id, on });
  if (after.length > 0) node.after = after;
}

/** Reads `optional`: ids of parents, each once. */
export function readOptional(node: Draft<PlanNode>, value: unknown, place: Place): void {
  const ids = readIds(value, place);
  if (ids.length > 0) node.optional = ids;
}

/** Reads `reads`: earlier nodes that the action may look up. */
export function readReads(node: Draft<PlanNode>, value: unknown, place: Place): void {
  const ids = readIds(value, place);
  if (ids.length > 0) node.reads = ids;
}

function readIds(value: unknown, place: Place): readonly string[] {
  const ids = new Set<string>();
  for (const [index, id] of (readEdgeList(place, value) ?? []).entries()) {
    if (isId(id)) ids.add(id);
    else refuseId({ report: place.report, path: `${place.path}[${index}]` }, id);
  }
  return [...ids];
}

/** Reads `join`: `all` (the default, dropped), `any`, or `{ any: losers }`. */
export function readJoin(node: Draft<PlanNode>, value: unknown, place: Place): void {
  if (value === "all") return;
  if (value === "any") {
    node.join = { any: "leave" };
    return;
  }
  if (!isJsonObject(value) || Object.keys(value).join() !== "any") {
    const fix = "Write any: leave (let the others run), any: cancel or any: undo.";
    refuse(place, value, { expected: "all, any, or { any: leave | cancel | undo }", fix });
    return;
  }
  const losers = readWord({ report: place.report, path: `${place.path}.any` }, value["any"], LOSERS);
  if (losers !== undefined) node.join = { any: losers };
}

function readEdgeList(place: Place, value: unknown): readonly unknown[] | undefined {
  const list = readList(place, value, "a list of node ids");
  if (list === undefined || list.length <= MOST_EDGES) return list;
  const expected = `at most ${MOST_EDGES} edges in one list`;
  const fix = "Put a node between that gathers some of them.";
  complain(place.report, { code: "PLAN_TOO_LARGE", path: place.path, expected, got: String(list.length), fix });
}

function readEdge(endings: Map<string, Ending>, edge: unknown, place: Place): void {
  if (isId(edge)) {
    addEdge(endings, { id: edge, on: "ok" }, place);
    return;
  }
  if (!isJsonObject(edge)) {
    refuseId(place, edge);
    return;
  }
  const odd = Object.keys(edge).find((key) => key !== "node" && key !== "on");
  if (odd !== undefined) {
    const got = show(odd);
    complain(place.report, {
      code: "PLAN_UNKNOWN_FIELD",
      path: place.path,
      expected: "node and on",
      got,
      fix: AFTER_FIX,
    });
  }
  const { node: id } = edge;
  const on =
    edge["on"] === undefined ? "ok" : readWord({ report: place.report, path: `${place.path}.on` }, edge["on"], ENDINGS);
  if (!isId(id)) refuseId({ report: place.report, path: `${place.path}.node` }, id);
  else if (on !== undefined) addEdge(endings, { id, on }, place);
}

/** The stricter of two endings wins; only "it succeeded" and "it failed" can't both be. */
function addEdge(endings: Map<string, Ending>, edge: { readonly id: string; readonly on: Ending }, place: Place): void {
  const before = endings.get(edge.id);
  if (before === undefined || before === "ended") endings.set(edge.id, edge.on);
  else if (edge.on !== "ended" && edge.on !== before) {
    const fix = "Keep one of the two, or write on: ended.";
    const got = `${edge.id} on ${before} and on ${edge.on}`;
    complain(place.report, { code: "PLAN_DEAD_HANDLER", path: place.path, expected: "one ending of a node", got, fix });
  }
}

function refuseId(place: Place, id: unknown): void {
  refuse(place, id, { expected: "the id of a node", fix: AFTER_FIX });
}
