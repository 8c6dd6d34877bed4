/**
 * Hands thousands of right, wrong, forged and broken plans to the reader of a model's plans. Only right ones may get through, as
 * checked here by other means than its own validator; every refusal must say where.
 *
 *   node tools/node/run.cjs test/agents/planner-fuzz.ts --documents 5000 --seed 1
 */
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import type { Problem } from "../../src/base/index.ts";
import { readPatch, readPlan, type ReplanState } from "../../src/agents/planner/index.ts";
import { parsePlan, type PlanGraph } from "../../src/plan/index.ts";
import { findFaults } from "./plan-faults.ts";
import { Draw, drawPlan, TOOLS, type Wild, type WildPlan } from "./random-plans.ts";

const LIMITS = { nodes: 20, expressions: 120, bytes: 20_000, depth: 16 };

/** What must become of a document. `either`: chance decides, and only what gets through is checked. */
type Expected = "accepted" | "refused" | "either";

interface Case {
  readonly kind: string;
  readonly text: string;
  readonly expected: Expected;
}

/** What came of it. */
export interface FuzzReport {
  readonly documents: number;
  readonly accepted: number;
  readonly refused: number;
  /** By kind: how many got through, and how many were refused. */
  readonly kinds: Readonly<Record<string, { accepted: number; refused: number }>>;
  readonly failures: readonly string[];
}

type Change = (plan: WildPlan, draw: Draw) => void;

const someNode = (plan: WildPlan, draw: Draw): Wild => plan.nodes[draw.one(Object.keys(plan.nodes))] ?? {};
const nest = (depth: number): unknown => (depth === 0 ? 1 : draw2(depth));
const draw2 = (depth: number): unknown => (depth % 2 === 0 ? [nest(depth - 1)] : { a: nest(depth - 1) });
const set =
  (field: string, values: readonly unknown[]): Change =>
  (plan, draw) =>
    void (someNode(plan, draw)[field] = draw.one(values));

/** Changes after which a plan is wrong, whatever it was before. */
const WRONGS: Readonly<Record<string, Change>> = {
  "unknown action": set("uses", ["shop.fnd", "rm", "Shop.find", "toString", "__proto__", "", " note"]),
  "bare built-in": set("uses", ["process", "http", "plan"]),
  "own nature": (plan, draw) => {
    someNode(plan, draw)["effect"] = draw.one([{}, { repeat: "safe", undo: "not-needed" }, null, "x"]);
  },
  "nature in a fallback": (plan, draw) => {
    someNode(plan, draw)["onFailure"] = { fallback: { uses: "note", effect: { repeat: "safe" } } };
  },
  "unknown action in a fallback": set("onFailure", [
    { fallback: { uses: "process", with: { command: ["ls"] } } },
    { fallback: { uses: "x" } },
  ]),
  "plan in the plan": (plan) => {
    plan["plans"] = { inner: { nodes: { a: { uses: "process", with: { command: ["ls"] } } } } };
  },
  "growing plan": (plan) => void (plan["grows"] = "note"),
  "input of its own": (plan) => void (plan["input"] = { type: "object" }),
  "other field": (plan, draw) =>
    void ((draw.chance(0.5) ? plan : someNode(plan, draw))[draw.one(["run", "repeat", "undo", "owner"])] = true),
  "circle of order": (plan) => {
    plan.nodes["p"] = { uses: "note", after: ["q"] };
    plan.nodes["q"] = { uses: "note", after: ["p"] };
  },
  "circle of values": (plan) => {
    plan.nodes["p"] = { uses: "note", with: "${nodes.q.output}" };
    plan.nodes["q"] = { uses: "note", when: 'nodes["p"].output.v > 1' };
  },
  "node that needs itself": (plan) => void (plan.nodes["p"] = { uses: "note", with: "${nodes.p.output}" }),
  "unknown node": (plan, draw) => {
    const node = someNode(plan, draw);
    draw.one([
      () => (node["with"] = "${nodes.gone.output}"),
      () => (node["after"] = ["gone"]),
      () => (node["after"] = [{ node: "gone", on: "ended" }]),
      () => (node["when"] = "nodes.gone.output > 1"),
      () => (node["reads"] = ["gone"]),
      () => (plan["output"] = ["${nodes.gone.output}"]),
    ])();
  },
  "wrong type": (plan, draw) => {
    const node = someNode(plan, draw);
    draw.one([
      () => (node["uses"] = draw.one([5, null, [], {}])),
      () => (node["after"] = draw.one([5, "n0", {}, [7]])),
      () => (node["retry"] = draw.one(["3", 0, -1, 1.5, [], { attempts: "2" }])),
      () => (node["when"] = draw.one([5, true, "", {}, "${true}"])),
      () => (node["onFailure"] = draw.one([7, "retry", [], {}])),
      () => (node["timeoutMs"] = draw.one(["5", 0, -5, 1e15])),
      () => (node["approve"] = "no"),
      () => void Reflect.set(plan, "nodes", draw.one([[], "x", 7, {}])),
      () => void Reflect.set(plan, "name", draw.one([7, "", "\u0000", "x".repeat(200)])),
      () => (plan["budget"] = draw.one([7, { attempts: 0 }, { attempts: "5" }, { usd: 3 }])),
      () => void Reflect.set(plan.nodes, "n0", draw.one([7, null, [], "note"])),
    ])();
  },
  "bad id": (plan, draw) =>
    void (plan.nodes[draw.one(["a b", "x.y", "ö", "a".repeat(65), "N0", "${input}"])] = { uses: "note" }),
  "bad expression": set("with", [
    "${",
    "${nodes[input.x]}",
    "${1 +}",
    "${process.env}",
    "${nodes}",
    "a ${x",
    "${constructor}",
  ]),
  "constant of the wrong type": (plan) =>
    void (plan.nodes["p"] = { uses: "shop.charge", with: { order: "a", cents: "7" } }),
  "missing field": (plan) => void (plan.nodes["p"] = { uses: "shop.charge", with: { order: "${nodes.n0.output}" } }),
  "unknown field of an action": (plan) =>
    void (plan.nodes["p"] = { uses: "shop.find", with: { sku: "${nodes.n0.output}", admin: true } }),
  "no input": (plan) => void (plan.nodes["p"] = { uses: "shop.find" }),
  "too deep": (plan, draw) => void (someNode(plan, draw)["with"] = nest(20 + draw.below(30))),
  "too many nodes": (plan) => {
    for (let index = 0; index < 30; index++) plan.nodes[`m${index}`] = { uses: "note" };
  },
  "too many expressions": (plan) => void (plan.nodes["p"] = { uses: "note", with: "${1}".repeat(150) }),
  "too large": (plan) => void (plan.nodes["p"] = { uses: "note", with: "x".repeat(30_000) }),
};

/** Changes of the text that a document is wrong after. The text is one-line JSON of a right plan. */
const BROKEN: Readonly<Record<string, (json: string, draw: Draw) => string>> = {
  cut: (json, draw) => json.slice(0, draw.below(json.length)),
  "key that reaches prototypes": (json, draw) => {
    const key = draw.one(["__proto__", "constructor", "prototype", "\\u005f_proto__"]);
    return json.replace(draw.one(['"nodes":{', '"n0":{']), (start) => `${start}"${key}":{"uses":"note"},`);
  },
  "key twice": (json, draw) =>
    json.replace(
      draw.one(['"nodes":{', '"n0":{']),
      (start) => start + draw.one(['"n0":{"uses":"note"},', '"uses":"note",']).repeat(2),
    ),
  "number that is none": (json, draw) =>
    json.replace(
      '"n0":{',
      `"n0":{"priority":${draw.one(["1e999", "-1e999", "9007199254740993", "0x10", "01", "NaN", "Infinity"])},`,
    ),
  "alias bomb": (_, draw) => {
    const levels = Array.from({ length: 9 }, (__, at) => `  l${at + 1}: &l${at + 1} [${`*l${at},`.repeat(9)}]`);
    return `name: bomb\nnodes:\n  a: { uses: note, with: &l0 [x] }\nbudget:\n${levels.join("\n")}${" ".repeat(draw.below(3))}`;
  },
  alias: () => "name: a\nnodes:\n  a: &n { uses: note }\n  b: *n\n",
  tag: (_, draw) =>
    `name: a\nnodes:\n  a: { uses: note, with: ${draw.one(["!!js/function 'x'", "!!binary aGk=", "!x 5"])} }\n`,
  "YAML that is cut in a text": () => 'name: a\nnodes:\n  a: { uses: note, with: "x',
  "YAML with a key twice": () => "name: a\nnodes:\n  a: { uses: note }\n  a: { uses: shop.find }\n",
  "YAML with a number that is none": (_, draw) =>
    `name: a\nnodes:\n  a: { uses: note, with: ${draw.one([".inf", "-.inf", ".nan", "1e999", "9007199254740993"])} }\n`,
  "YAML with a key that reaches prototypes": () =>
    "name: a\nnodes:\n  __proto__: { uses: note }\n  a: { uses: note }\n",
  "YAML that is deep": (_, draw) =>
    `name: a\nnodes: ${draw.one(["[", "{a: ", "- "]).repeat(2_000 + draw.below(3_000))}`,
  "two documents": (json) => `\`\`\`json\n${json}\n\`\`\`\nor\n\`\`\`json\n${json}\n\`\`\``,
  "words after it": (json) => `${json}\nThat is my plan.`,
  list: (json) => `[${json}]`,
  nothing: (_, draw) =>
    draw.one(["", " ", "null", "true", "7", '"name"', "[]", "{}", "name: a", "nodes: {}", "I can't help with that."]),
  noise: (_, draw) =>
    Array.from({ length: draw.below(400) }, () =>
      String.fromCodePoint(draw.below(draw.chance(0.9) ? 128 : 60_000) || 32),
    ).join(""),
};

const RIGHTS: Readonly<Record<string, (plan: WildPlan) => string>> = {
  JSON: (plan) => JSON.stringify(plan),
  "JSON on lines": (plan) => `\n${JSON.stringify(plan, null, 2)}\n`,
  "JSON after words": (plan) => `Here is the plan: ${JSON.stringify(plan)}`,
  "JSON in a fence": (plan) => `Sure!\n\n\`\`\`json\n${JSON.stringify(plan, null, 1)}\n\`\`\`\nSay "go" to start.`,
  YAML: (plan) => stringify(plan),
  "YAML after words": (plan) => `I thought about it.\n\n${stringify(plan)}`,
  "YAML in a fence": (plan) => `~~~yaml\n${stringify(plan)}~~~\n`,
};

function drawCase(draw: Draw): Case {
  const plan = drawPlan(draw);
  const share = draw.next();
  if (share < 0.25) {
    const kind = draw.one(Object.keys(RIGHTS));
    return { kind: `right: ${kind}`, expected: "accepted", text: RIGHTS[kind]?.(plan) ?? "" };
  }
  if (share < 0.7) {
    const kind = draw.one(Object.keys(WRONGS));
    WRONGS[kind]?.(plan, draw);
    return {
      kind: `wrong: ${kind}`,
      expected: "refused",
      text: RIGHTS[draw.one(["JSON", "JSON in a fence", "YAML"])]?.(plan) ?? "",
    };
  }
  if (share < 0.9) {
    const kind = draw.one(Object.keys(BROKEN));
    return { kind: `broken: ${kind}`, expected: "refused", text: BROKEN[kind]?.(JSON.stringify(plan), draw) ?? "" };
  }
  return {
    kind: "changed by chance",
    expected: "either",
    text: scramble(draw.chance(0.5) ? JSON.stringify(plan) : stringify(plan), draw),
  };
}

function scramble(text: string, draw: Draw): string {
  let changed = text;
  for (let times = 1 + draw.below(4); times > 0; times--) {
    const at = draw.below(changed.length);
    const length = draw.below(6);
    const from = draw.below(changed.length);
    changed =
      changed.slice(0, at) +
      draw.one(["", changed.slice(from, from + length), draw.one('{}[]",:\n0-a$'.split(""))]) +
      changed.slice(at + draw.below(3));
  }
  return changed;
}

/** Reads so many documents and says what was wrong with what came of it. */
export function fuzzPlans(documents: number, seed: number): FuzzReport {
  const draw = new Draw(seed);
  return fuzz(documents, () => {
    const { kind, text, expected } = drawCase(draw);
    return { kind, shown: text, judge: () => judgePlan(text, expected) };
  });
}

function judgePlan(text: string, expected: Expected): Verdict {
  const result = readPlan(text, { tools: TOOLS, limits: LIMITS });
  if (result.tag === "problems") {
    const wrong = expected === "accepted" ? [`was refused: ${show(result.problems)}`] : [];
    return { isAccepted: false, faults: [...wrong, ...findMuteProblems(result.problems)] };
  }
  const wrong = expected === "refused" ? ["was accepted"] : [];
  return { isAccepted: true, faults: [...wrong, ...findFaults(result.plan, TOOLS, LIMITS)] };
}

interface Verdict {
  readonly isAccepted: boolean;
  readonly faults: readonly string[];
}

interface Try {
  readonly kind: string;
  readonly shown: string;
  readonly judge: () => Verdict;
}

function fuzz(documents: number, drawTry: () => Try): FuzzReport {
  const kinds: Record<string, { accepted: number; refused: number }> = {};
  const failures: string[] = [];
  for (let index = 0; index < documents; index++) {
    const { kind, shown, judge } = drawTry();
    const tally = (kinds[kind] ??= { accepted: 0, refused: 0 });
    const { isAccepted, faults } = judgeSafely(judge);
    tally[isAccepted ? "accepted" : "refused"]++;
    failures.push(...faults.map((fault) => `${index} (${kind}): ${fault}\n    ${JSON.stringify(shown.slice(0, 400))}`));
  }
  const sum = (side: "accepted" | "refused"): number =>
    Object.values(kinds).reduce((total, one) => total + one[side], 0);
  return { documents, accepted: sum("accepted"), refused: sum("refused"), kinds, failures };
}

function judgeSafely(judge: () => Verdict): Verdict {
  try {
    return judge();
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { isAccepted: false, faults: [`threw ${what}`] };
  }
}

/** Refusals that do not say where, or repeat a stranger's text unshortened or with hidden characters. */
function findMuteProblems(problems: readonly Problem[]): readonly string[] {
  if (problems.length === 0) return ["was refused without a reason"];
  return problems.flatMap((problem) => {
    const { code, path, expected, got, fix } = problem;
    const told = [code, path, expected, got, fix].join(" ");
    if (path === "" || code === "" || fix === "") return [`a problem without a place: ${show([problem])}`];
    return told.length > 3_000 || /[\p{Cc}\u202E]/u.test(told)
      ? [`a problem that repeats too much: ${show([problem])}`]
      : [];
  });
}

function show(problems: readonly Problem[]): string {
  return problems.map(({ code, path, got }) => `${code} at ${path}: ${got}`.slice(0, 300)).join("; ");
}

const STATES = ["pending", "running", "succeeded", "failed", "skipped", "replan"] as const;

/** The same for changes of running plans. */
export function fuzzPatches(documents: number, seed: number): FuzzReport {
  const draw = new Draw(seed);
  return fuzz(documents, () => {
    const plan = parsePlan(drawPlan(draw));
    const state = drawState(plan, draw);
    const operations = Array.from({ length: 1 + draw.below(3) }, () => drawOperation(plan, draw));
    const isWhole = draw.chance(0.8);
    const patch = isWhole ? operations.map(({ operation }) => operation) : scrambled(operations, draw);
    const isWrong = !isWhole || operations.some(({ isForbidden }) => isForbidden);
    const kind = isWhole ? operations.map((one) => one.kind).join(" ") : "scrambled";
    return { kind, shown: JSON.stringify({ patch, state }), judge: () => judgePatch({ patch, plan, state, isWrong }) };
  });
}

interface PatchCase {
  readonly patch: unknown;
  readonly plan: PlanGraph;
  readonly state: ReplanState;
  readonly isWrong: boolean;
}

function judgePatch({ patch, plan, state, isWrong }: PatchCase): Verdict {
  const result = readPatch(JSON.stringify({ patch }), { plan, state, tools: TOOLS, limits: LIMITS });
  if (result.tag === "problems") return { isAccepted: false, faults: findMuteProblems(result.problems) };
  if (result.tag === "give-up") return { isAccepted: true, faults: ["gave up"] };
  const wrong = isWrong ? ["was accepted"] : [];
  const changed = findChanged(plan, result.plan, state);
  return {
    isAccepted: true,
    faults: [...wrong, ...changed, ...findFaults(result.plan, TOOLS, { ...LIMITS, nodes: 99 })],
  };
}

function drawState(plan: PlanGraph, draw: Draw): ReplanState {
  const nodes = Object.fromEntries(Object.keys(plan.nodes).map((id) => [id, { state: draw.one(STATES) }]));
  return { nodes, failure: "it failed" };
}

interface DrawnOperation {
  readonly kind: string;
  readonly operation: Wild;
  readonly isForbidden: boolean;
}

function drawOperation(plan: PlanGraph, draw: Draw): DrawnOperation {
  const id = draw.one(Object.keys(plan.nodes));
  const node = { uses: "note", with: draw.chance(0.5) ? `\${nodes.${id}.output}` : 1 };
  return draw.one<() => DrawnOperation>([
    () => ({ kind: "add-node", operation: { op: "add-node", id: `x${draw.below(9)}`, node }, isForbidden: false }),
    () => ({ kind: "replace-node", operation: { op: "replace-node", id, node: { uses: "note" } }, isForbidden: false }),
    () => ({ kind: "remove-node", operation: { op: "remove-node", id }, isForbidden: false }),
    () => ({ kind: "give-up-node", operation: { op: "give-up-node", id }, isForbidden: false }),
    () => ({ kind: "set-output", operation: { op: "set-output", output: "${nodes.n0.output}" }, isForbidden: false }),
    () => ({
      kind: "forbidden",
      operation: draw.one<Wild>([{ op: "stop-growing" }, { op: "add-budget", counters: { tokens: 9 } }]),
      isForbidden: true,
    }),
    () => ({
      kind: "forged node",
      operation: {
        op: "add-node",
        id: "f",
        node: draw.one<Wild>([
          { uses: "process", with: { command: ["ls"] } },
          { uses: "note", effect: { repeat: "safe" } },
        ]),
      },
      isForbidden: true,
    }),
  ])();
}

function scrambled(operations: readonly DrawnOperation[], draw: Draw): unknown {
  const patch: unknown[] = operations.map(({ operation }) => operation);
  patch.splice(
    draw.below(patch.length + 1),
    0,
    draw.one<unknown>([null, 7, {}, { op: "add-node" }, { op: "x", id: "n0" }, []]),
  );
  return patch;
}

/** Nodes that had started and are not what they were. */
function findChanged(before: PlanGraph, after: PlanGraph, state: ReplanState): readonly string[] {
  return Object.keys(before.nodes).flatMap((id) => {
    const isStarted = state.nodes[id]?.state !== "pending";
    return isStarted && JSON.stringify(before.nodes[id]) !== JSON.stringify(after.nodes[id])
      ? [`${id} had started and was changed`]
      : [];
  });
}

function print(what: string, report: FuzzReport): void {
  for (const [kind, { accepted, refused }] of Object.entries(report.kinds).sort(([one], [other]) =>
    one < other ? -1 : 1,
  ))
    console.log(
      `${what} ${kind.padEnd(46)} ${String(accepted).padStart(6)} accepted ${String(refused).padStart(6)} refused`,
    );
  for (const failure of report.failures.slice(0, 20)) console.log(`FAILED ${failure}`);
  const { documents, accepted, refused, failures } = report;
  console.log(`${documents} of kind ${what}: ${accepted} accepted, ${refused} refused, ${failures.length} failures`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { documents: { type: "string", default: "5000" }, seed: { type: "string", default: "1" } },
  });
  const [documents, seed] = [Number(values.documents), Number(values.seed)];
  const plans = fuzzPlans(documents, seed);
  const patches = fuzzPatches(Math.ceil(documents / 5), seed);
  print("plan", plans);
  print("patch", patches);
  const failed = plans.failures.length + patches.failures.length;
  const said = `${plans.documents} plans, ${plans.accepted} accepted; ${patches.documents} patches, ${patches.accepted} accepted; ${failed} failures`;
  console.log(`RESULT ${failed === 0 ? "ok" : "fail"}: ${said}`);
  if (failed > 0) process.exitCode = 1;
}
