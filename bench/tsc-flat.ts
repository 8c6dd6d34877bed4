/**
 * Whether the type checker's work for a step is the same in a plan of 50 steps and in one of 400, the work for the
 * imports and a plan of one step taken off. The figure to keep is 2 times. The verdict takes the worst of tsc's counts, which come
 * out the same on a busy machine; the times are for people. `node bench/tsc-flat.ts [rounds]`
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MOST_TIMES = 2;
const ROOT = fileURLToPath(new URL("../", import.meta.url));
const rounds = Number(process.argv[2] ?? 5);

const HEAD = `
import { z } from "zod";
import { defineAction, defineQuery } from "../../src/action/index.ts";
import { cel, definePlan, optional } from "../../src/plan/index.ts";
const Order = z.object({ id: z.string(), cents: z.int(), address: z.object({ city: z.string(), lines: z.array(z.string()) }) });
const charge = defineAction("charge", {
  input: z.object({ order: z.string(), cents: z.int(), note: z.string().optional(), to: z.object({ city: z.string() }) }),
  output: z.object({ id: z.string(), fee: z.object({ cents: z.int(), kind: z.enum(["low", "high"]) }) }),
  repeat: "keyed",
  undo: "impossible",
  run: ({ input }) => ({ id: input.order, fee: { cents: 1, kind: "low" as const } }),
});
const look = defineQuery("look", { input: z.object({ order: z.string() }), output: z.object({ id: z.string() }), run: () => ({ id: "1" }) });
`;

/** The text of a plan in which each step uses the one before, in one of a few ways. */
function writePlan(name: string, steps: number): string {
  const lines = Array.from({ length: steps }, (_, index) => writeStep(index));
  return `definePlan("${name}", { input: Order }, (p, input) => {
  const s0 = p.step("s0", charge, { order: input.id, cents: input.cents, to: input.address });
${lines.join("\n")}
  return { last: s${steps}.id, all: { city: input.address.city, fee: s0.fee } };
});
`;
}

function writeStep(index: number): string {
  const [before, own] = [`s${index}`, `s${index + 1}`];
  const input = `{ order: ${before}.id, cents: 1, to: { city: input.address.city } }`;
  const kinds = [
    `p.step("${own}", charge, ${input}, { retry: 3, after: [s0] })`,
    `p.step("${own}", look, { order: ${before}.id }, { when: cel\`\${${before}.id} != "x"\` })`,
    `p.step("${own}", look, { order: cel<string>\`\${optional(${before})}.id\` }, { onFailure: "skip" })`,
  ];
  return `  const ${own} = ${kinds[index % kinds.length]};`;
}

const SIZES = [0, 50, 400];

function prepare(folder: string): void {
  for (const size of SIZES) {
    const use = "void [charge, look, cel, definePlan, optional, Order];\n";
    writeFileSync(join(folder, `${size}.ts`), HEAD + use + writePlan("flat", size));
    const settings = { extends: "../../tsconfig.json", include: [], files: [`${size}.ts`] };
    writeFileSync(join(folder, `${size}.json`), JSON.stringify(settings));
  }
}

/** What tsc counts, and (last) the time that is only shown. */
const COUNTS = ["Types", "Instantiations", "Symbols", "Memory allocs"];
const TIME = "Check time";

type Work = Readonly<Record<string, number>>;

/** What one checker does for one file. */
function measure(folder: string, size: number): Work {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const project = join(folder, `${size}.json`);
  const options = ["-p", project, "--extendedDiagnostics", "--singleThreaded"];
  const { status, stdout: text } = spawnSync(process.execPath, [tsc, ...options], { encoding: "utf8" });
  if (status !== 0) throw new Error(`expected plans that type check, got:\n${text.slice(0, 1000)}`);
  const read = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(text)?.[1];
    if (found === undefined) throw new Error(`expected "${name}" in what tsc prints, got: ${text.slice(0, 500)}`);
    return Number(found);
  };
  return Object.fromEntries([...COUNTS, TIME].map((name) => [name, read(name)]));
}

const folder = mkdtempSync(join(ROOT, "node_modules/.tsc-flat-"));
try {
  prepare(folder);
  const least = new Map<number, Work>();
  for (let round = 0; round < rounds; round++) {
    for (const size of SIZES) {
      const [work, before] = [measure(folder, size), least.get(size)];
      const smaller = Object.entries(work).map(([name, value]) => [name, Math.min(value, before?.[name] ?? Infinity)]);
      least.set(size, Object.fromEntries(smaller));
    }
  }
  const perStep = (size: number, name: string): number =>
    ((least.get(size)?.[name] ?? 0) - (least.get(0)?.[name] ?? 0)) / size;
  const compare = (name: string): number => {
    const [small, large] = [perStep(50, name), perStep(400, name)];
    console.log(`${name.padEnd(15)} of a step: ${small.toPrecision(3)} of 50, ${large.toPrecision(3)} of 400`);
    return small > 0 ? large / small : Infinity;
  };
  compare(TIME);
  const ratio = Math.max(...COUNTS.map(compare));
  const isFlat = ratio <= MOST_TIMES;
  console.log(
    `RESULT ${isFlat ? "ok" : "fail"}: work of a step, 400 against 50: ${ratio.toFixed(2)} times (at most ${MOST_TIMES})`,
  );
  process.exitCode = isFlat ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
