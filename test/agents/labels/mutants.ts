import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const LABELS = "src/plan/core/labels.ts";
const CHILDREN = "src/run/children.ts";
const OUTPUT = "joinLabels(joinLabels(inputLabels(run, node), gives), named)";
const EDGES = 'kind !== "ok" && kind !== "read" &&';
const LOOK_UPS = "for (const id of plan.reads ?? []) labels = joinLabels(labels, labelsAt(run, id));";

/** One label rule taken away. `find` must stand once in its file, so that a mutant can't rot unseen. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "L1: labels of the run's input",
    file: LABELS,
    find: "let labels = joinLabels(run.labels, plan.labels ?? NO_LABELS);",
    replace: "let labels = plan.labels ?? NO_LABELS;",
  },
  {
    name: "L1: labels that the plan writes beside it",
    file: LABELS,
    find: "let labels = joinLabels(run.labels, plan.labels ?? NO_LABELS);",
    replace: "let labels = run.labels;",
  },
  { name: "L1: labels of what is looked up", file: LABELS, find: LOOK_UPS, replace: "" },
  {
    name: "L1: labels of what is looked up in a join",
    file: LABELS,
    find: LOOK_UPS,
    replace: `if (node.winner === undefined) ${LOOK_UPS}`,
  },
  { name: "L1: labels of what failed", file: LABELS, find: EDGES, replace: `${EDGES} kind !== "failed" &&` },
  { name: "L1: labels of what is used", file: LABELS, find: EDGES, replace: `${EDGES} kind !== "data" &&` },
  {
    name: "L2: labels that the action gives",
    file: LABELS,
    find: OUTPUT,
    replace: "joinLabels(inputLabels(run, node), named)",
  },
  {
    name: "L2: labels that the attempt named",
    file: LABELS,
    find: OUTPUT,
    replace: "joinLabels(inputLabels(run, node), gives)",
  },
  { name: "L2: labels of the input", file: LABELS, find: OUTPUT, replace: "joinLabels(gives, named)" },
  {
    name: "L2: labels of a failure",
    file: "src/plan/core/evolve-node.ts",
    find: "node.labels = outputLabels(run, node, node.labels); // its",
    replace: "// its",
  },
  {
    name: "labels of what was skipped",
    file: "src/plan/core/evolve-node.ts",
    find: "node.labels = inputLabels(run, node); // that",
    replace: "// that",
  },
  {
    name: "labels of why a run failed",
    file: LABELS,
    find: '!run.isPatched && run.finished?.tag === "succeeded";',
    replace: "!run.isPatched;",
  },
  {
    name: "labels of what was written into a plan",
    file: LABELS,
    find: '!run.isPatched && run.finished?.tag === "succeeded";',
    replace: 'run.finished?.tag === "succeeded";',
  },
  {
    name: "labels with the ledger",
    file: "src/run/starts.ts",
    find: "entry.labels !== undefined &&",
    replace: "entry.labels === undefined &&",
  },
  {
    name: "labels of what a check found",
    file: "src/run/attempts.ts",
    find: "...labelsIn(news.attested()),",
    replace: "",
  },
  {
    name: "labels into a plan inside the plan",
    file: CHILDREN,
    find: "const labels = inputLabels(hosted.state, node);",
    replace: "const labels: [] = [];",
  },
  {
    name: "labels out of a plan inside the plan",
    file: CHILDREN,
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
    name: "labels with lessons",
    file: "src/memory/actions.ts",
    find: "text: words, run, node, key, labels, signal }",
    replace: "text: words, run, node, key, signal }",
  },
  {
    name: "labels of what is recalled",
    file: "src/memory/actions.ts",
    find: "const entries = await memory.recall({ text: words,",
    replace: "label = () => {};\n      const entries = await memory.recall({ text: words,",
  },
  {
    name: "L4: refused labels are asked for",
    file: "src/plan/core/approval.ts",
    find: "if (refused.length > 0)",
    replace: "if (refused.length > 9)",
  },
  {
    name: "L4: what is always asked for is",
    file: "src/plan/core/approval.ts",
    find: "if (node.nature.isApproved)",
    replace: "if (node.approved)",
  },
];

/** Builds each mutant in a folder of its own and lets the matrix look for it there. Gives those that were not found. */
export async function hunt(mutants: readonly Mutant[]): Promise<readonly Mutant[]> {
  const open = [...mutants];
  const survivors: Mutant[] = [];
  const work = async (): Promise<void> => {
    for (let mutant = open.shift(); mutant !== undefined; mutant = open.shift()) {
      const said = await search(mutant);
      const found = /went through: (.*)/u.exec(said)?.[1];
      console.log(`without ${mutant.name}: ${found ?? `NOT FOUND ${said.trim().slice(-300)}`}`);
      if (found === undefined) survivors.push(mutant);
    }
  };
  await Promise.all([work(), work()]);
  return survivors;
}

async function search({ name, file, find, replace }: Mutant): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "pawl-label-mutant-"));
  try {
    for (const part of ["src", "schemas", "test/agents/labels", "package.json"])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const text = readFileSync(join(folder, file), "utf8");
    if (text.split(find).length !== 2)
      throw new Error(`${name}: expected ${JSON.stringify(find)} once in ${file}: mend the mutant`);
    writeFileSync(
      join(folder, file),
      text.replace(find, () => replace),
    );
    return await run(join(folder, "test/agents/labels/matrix.ts"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(matrix: string): Promise<string> {
  const child = spawn(process.execPath, [matrix, "--until-first"], { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => child.on("close", () => resolve()));
  return Buffer.concat(chunks).toString("utf8");
}
