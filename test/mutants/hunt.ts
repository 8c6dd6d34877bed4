import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../../tools/lib/paths.ts";
import type { Mutant } from "./mutants.ts";

/** How the hunt for one mutant ended. */
export interface Catch {
  readonly name: string;
  /** Seeds needed; undefined: not found. */
  readonly seeds: number | undefined;
  /** What gave it away, or why it could not be tried. */
  readonly violation: string;
}

/** Builds a mutant in a folder of its own and lets the simulation look for it, in a process of its own. */
export async function hunt(mutant: Mutant, base: string, most: number): Promise<Catch> {
  const folder = await mkdtemp(join(tmpdir(), "pawl-mutant-"));
  try {
    await copy(folder);
    for (const edit of mutant.edits) await patch(join(folder, edit.file), edit);
    return await search(folder, { name: mutant.name, base, most });
  } catch (error) {
    return { name: mutant.name, seeds: undefined, violation: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copy(folder: string): Promise<void> {
  await cp(join(ROOT, "src"), join(folder, "src"), { recursive: true });
  await mkdir(join(folder, "test"));
  await cp(join(ROOT, "test/simulation"), join(folder, "test/simulation"), { recursive: true });
  await cp(join(ROOT, "test/mutants"), join(folder, "test/mutants"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(folder, "package.json"));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
}

async function patch(file: string, { find, replace }: Mutant["edits"][number]): Promise<void> {
  const text = await readFile(file, "utf8");
  const matches = text.split(find).length - 1;
  if (matches !== 1)
    throw new Error(`expected ${JSON.stringify(find)} once, found it ${matches} times: mend the mutant`);
  await writeFile(
    file,
    text.replace(find, () => replace),
  );
}

interface Search {
  readonly name: string;
  readonly base: string;
  readonly most: number;
}

async function search(folder: string, { name, base, most }: Search): Promise<Catch> {
  const child = spawn(process.execPath, [join(folder, "test/mutants/search.ts"), base, String(most)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const { promise, resolve } = Promise.withResolvers<void>();
  child.on("close", () => resolve());
  await promise;
  const output = Buffer.concat(chunks).toString("utf8");
  const found = /FOUND (\d+) (.*)/.exec(output);
  if (found === null) return { name, seeds: undefined, violation: output.trim().slice(0, 500) };
  return { name, seeds: Number(found[1]), violation: found[2] ?? "" };
}
