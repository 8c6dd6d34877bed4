/**
 * Every source by every transport to every sink, with a model that obeys whatever it reads; then the same with one label
 * rule taken away at a time, each of which must let something through. `--quick`: without the mutants.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SINKS, SOURCES, TRANSPORTS, tryWay, type Outcome } from "./world.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const isQuick = process.argv.includes("--quick");

const outcomes: Outcome[] = [];
for (const source of SOURCES)
  for (const transport of TRANSPORTS)
    for (const sink of SINKS) outcomes.push(await tryOne(() => tryWay(source, transport, sink)));

const through = outcomes.filter(({ isForbidden, acted }) => isForbidden && acted > 0);
const unasked = outcomes.filter(({ isForbidden, acted, asked }) => isForbidden && acted === 0 && !asked);
const benign = outcomes.filter(({ isForbidden }) => !isForbidden);
const done = benign.filter(({ acted }) => acted > 0);
const held = benign.filter(({ acted }) => acted === 0);
for (const { name } of through) console.log(`WENT THROUGH: ${name}`);
if (!isQuick) for (const { name } of unasked) console.log(`never asked: ${name}`);
if (!isQuick) for (const { name } of held) console.log(`held up though benign: ${name}`);

const survivors = isQuick ? [] : MUTANTS().filter((mutant) => !isFound(mutant));
for (const { name } of survivors) console.log(`not found: ${name}`);
const share = Math.round((100 * done.length) / benign.length);
const isOk = through.length === 0 && survivors.length === 0 && share >= 95;
const said = `${outcomes.length} ways, ${through.length} forbidden effects of ${outcomes.length - benign.length}, benign ${done.length} of ${benign.length} (${share} %)${isQuick ? "" : `, ${MUTANTS().length - survivors.length} of ${MUTANTS().length} rules missed when they are gone`}`;
console.log(`RESULT ${isOk ? "ok" : "fail"}: ${said}`);
process.exitCode = isOk ? 0 : 1;

/** Who looks for a mutant needs no more than the first way that is open. */
async function tryOne(way: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await way();
  if (!isQuick || !outcome.isForbidden || outcome.acted === 0) return outcome;
  console.log(`RESULT fail: went through: ${outcome.name}`);
  process.exit(1);
}

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** One label rule taken away at a time. */
function MUTANTS(): readonly Mutant[] {
  const labels = "src/plan/core/labels.ts";
  return [
    {
      name: "L1: labels of the run's input",
      file: labels,
      find: "let labels = joinLabels(run.labels, plan.labels ?? NO_LABELS);",
      replace: "let labels = plan.labels ?? NO_LABELS;",
    },
    {
      name: "L1: labels of what is used or looked up",
      file: labels,
      find: 'kind !== "ok" && kind !== "failed" &&',
      replace: "kind === undefined &&",
    },
    {
      name: "L1: labels of what is looked up",
      file: labels,
      find: 'kind !== "ok" && kind !== "failed" &&',
      replace: 'kind !== "ok" && kind !== "failed" && kind !== "read" &&',
    },
    {
      name: "L1: labels of what is used",
      file: labels,
      find: 'kind !== "ok" && kind !== "failed" &&',
      replace: 'kind !== "ok" && kind !== "failed" && kind !== "data" &&',
    },
    {
      name: "L2: labels that the action gives",
      file: labels,
      find: "joinLabels(joinLabels(inputLabels(run, node), gives), named)",
      replace: "joinLabels(inputLabels(run, node), named)",
    },
    {
      name: "L2: labels that the attempt named",
      file: labels,
      find: "joinLabels(joinLabels(inputLabels(run, node), gives), named)",
      replace: "joinLabels(inputLabels(run, node), gives)",
    },
    {
      name: "L2: labels of the input",
      file: labels,
      find: "joinLabels(joinLabels(inputLabels(run, node), gives), named)",
      replace: "joinLabels(gives, named)",
    },
    {
      name: "L2: labels of a failure",
      file: "src/plan/core/evolve-node.ts",
      find: "node.labels = outputLabels(run, node, node.labels); // its",
      replace: "// its",
    },
    {
      name: "labels into a plan inside the plan",
      file: "src/run/children.ts",
      find: "const labels = inputLabels(hosted.state, node);",
      replace: "const labels: [] = [];",
    },
    {
      name: "labels out of a plan inside the plan",
      file: "src/run/children.ts",
      find: "const labels = labelsOfRun(state);",
      replace: "const labels: readonly string[] = [];",
    },
    {
      name: "labels with files",
      file: "src/tools/files/change.ts",
      find: "[{ path, hash, labels: toLabels(labels) }];",
      replace: "[{ path, hash, labels: [] }];",
    },
    {
      name: "labels with memory",
      file: "src/memory/actions.ts",
      find: "text: input.text, run, node, labels, signal }",
      replace: "text: input.text, run, node, signal }",
    },
    {
      name: "L4: refused labels are asked for",
      file: "src/plan/core/approval.ts",
      find: "if (refused.length > 0)",
      replace: "if (refused.length > 9)",
    },
  ];
}

/** Builds the mutant in a folder of its own and lets the matrix look for it there. */
function isFound({ name, file, find, replace }: Mutant): boolean {
  const folder = mkdtempSync(join(tmpdir(), "pawl-label-mutant-"));
  try {
    for (const part of ["src", "test", "schemas", "package.json", "tools"])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const text = readFileSync(join(folder, file), "utf8");
    if (text.split(find).length !== 2)
      throw new Error(`${name}: expected ${JSON.stringify(find)} once in ${file}: mend the mutant`);
    writeFileSync(
      join(folder, file),
      text.replace(find, () => replace),
    );
    const { status } = spawnSync(process.execPath, [join(folder, "test/agents/labels/matrix.ts"), "--quick"], {
      encoding: "utf8",
      timeout: 240_000,
    });
    return status === 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
