/**
 * Turns folders and files below a root into ways out and back, with short pauses, until it is told to stop: `a/flip` and
 * `b/mid` are folders or links to the outside; `c/file.txt` is a file or a link to a file outside; `d/file.txt` is a file, a
 * second name of a file outside, or nothing; `e/file.txt` is a file or a pipe.
 */
import { existsSync, linkSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [root = "", outside = "", stop = ""] = process.argv.slice(2);
const cell = new Int32Array(new SharedArrayBuffer(4));
const pause = (): unknown => Atomics.wait(cell, 0, 0, Math.random() * 0.4);
const spare = join(root, ".spare");
const until = Date.now() + 120_000;

function swapFolder(name: string, link: string): void {
  take(name, `${name}.real`);
  take(link, name);
  pause();
  take(name, link);
  take(`${name}.real`, name);
}

/** Between two renames the name was free: a writer may have made a folder of that name. */
function take(from: string, to: string): void {
  while (!tried(() => renameSync(from, to))) tried(() => rmSync(to, { recursive: true, force: true }));
}

function tried(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** Puts something in a file's place at once. */
function replace(name: string, make: () => void): void {
  tried(() => unlinkSync(spare));
  make();
  renameSync(spare, name);
  pause();
}

const inside = (): void => writeFileSync(spare, "inside");
const turns: readonly (() => void)[] = [
  () => swapFolder(join(root, "a/flip"), join(root, "a/.link")),
  () => swapFolder(join(root, "b/mid"), join(root, "b/.link")),
  () => {
    replace(join(root, "c/file.txt"), () => symlinkSync(join(outside, "x.txt"), spare));
    replace(join(root, "c/file.txt"), inside);
  },
  () => {
    replace(join(root, "d/file.txt"), () => linkSync(join(outside, "hard.txt"), spare));
    tried(() => unlinkSync(join(root, "d/file.txt")));
    replace(join(root, "d/file.txt"), inside);
  },
  () => {
    replace(join(root, "e/file.txt"), () => linkSync(join(root, ".pipe"), spare));
    replace(join(root, "e/file.txt"), inside);
  },
];
let flips = 0;
while (!existsSync(stop) && Date.now() < until) {
  for (const turn of turns) {
    turn();
    flips += 1;
    pause();
  }
}
process.stdout.write(String(flips));
