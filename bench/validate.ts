/**
 * How much CPU it costs to take a large plan from text to compiled, against `JSON.parse` of the same text.
 * `node bench/validate.ts [nodes]`; the figure to keep is 10 times, for a chain, a star and a grid of 100,000 nodes.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Nature } from "pawl/plan";
import { usePublicNames } from "./lib/source-names.ts";

usePublicNames();
const { UNLABELLED } = await import("pawl/action");
const { parseStrictJson } = await import("pawl/base");
const { checkPlan, compilePlan, parsePlan } = await import("pawl/plan");

const MOST_TIMES = 10;
const ROUNDS = 9;
const nodes = Number(process.argv[2] ?? 100_000);

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

const NOOP: Nature = {
  kind: "effect",
  repeat: "safe",
  undo: "not-needed",
  undoesUnknown: false,
  hasCheck: false,
  hasIdentity: false,
  limits: {},
  resources: [],
  counters: {},
  ...UNLABELLED,
  action: "noop",
  version: "1",
};

type Write = (count: number) => [string, unknown][];

const noop = (value: unknown): object => ({ uses: "noop", with: { value } });
const output = (index: number): string => `\${nodes.n${index}.output.value}`;

const chain: Write = (count) =>
  Array.from({ length: count }, (_, index) => [`n${index}`, noop(index === 0 ? "${input.value}" : output(index - 1))]);

const star: Write = (count) => {
  const middle = Array.from({ length: count - 2 }, (_, index) => `n${index + 1}`);
  return [
    ["n0", noop("${input.value}")],
    ...middle.map((id): [string, unknown] => [id, noop(output(0))]),
    [`n${count - 1}`, { uses: "noop", after: middle }],
  ];
};

const grid: Write = (count) => {
  const side = Math.floor(Math.sqrt(count));
  return Array.from({ length: side * side }, (_, index) => {
    const above = index >= side ? { above: output(index - side) } : {};
    const left = index % side > 0 ? { left: output(index - 1) } : {};
    return [`n${index}`, { uses: "noop", with: { ...above, ...left } }];
  });
};

function validate(text: string): number {
  const graph = parsePlan(parseStrictJson(text));
  const { errors, warnings } = checkPlan(graph, () => ({ ok: true }));
  const plan = compilePlan(graph, () => NOOP);
  if (errors.length > 0 || warnings.length > 0)
    throw new Error("Expected a plan without problems; correct this benchmark.");
  return plan.nodes.length;
}

function cpuMs(work: () => void): number {
  if (typeof collect === "function") collect();
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function measure(name: string, write: Write): number {
  const text = JSON.stringify({ name, nodes: Object.fromEntries(write(nodes)) });
  const parse: number[] = [];
  const whole: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    // Before and after, so that a machine which slows down in between counts on both sides.
    const before = cpuMs(() => JSON.parse(text));
    const validated = cpuMs(() => validate(text));
    const after = cpuMs(() => JSON.parse(text));
    // The first round compiles the code.
    if (round === 0) continue;
    parse.push(before, after);
    whole.push(validated);
    ratios.push((2 * validated) / (before + after));
  }
  const ratio = median(ratios);
  const megabytes = Math.round(process.memoryUsage.rss() / 1e6);
  const times = `JSON.parse ${median(parse).toFixed(0)} ms, all checks ${median(whole).toFixed(0)} ms`;
  console.log(
    `${name}: ${ratio.toFixed(2)} times JSON.parse (${times} of CPU, ${text.length} characters, ${megabytes} MB resident)`,
  );
  return ratio;
}

const shapes: Readonly<Record<string, Write>> = { chain, star, grid };
const ratios = Object.entries(shapes).map(([name, write]) => measure(name, write));
const worst = Math.max(...ratios);
const verdict = worst <= MOST_TIMES ? "ok" : "fail";
console.log(
  `RESULT ${verdict}: ${nodes} nodes from text to plan in at most ${worst.toFixed(2)} times JSON.parse; ${MOST_TIMES} are allowed`,
);
if (verdict === "fail") process.exitCode = 1;
