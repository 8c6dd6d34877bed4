/**
 * Turns folders and files below a root into ways out and back, with short pauses, until it is told to stop: `a/flip` and
 * `b/mid` are folders or links to the outside; `c/file.txt` is a file or a link to a file outside; `d/file.txt` is a file, a
 * second name of a file outside, or nothing; `e/file.txt` is a file or a pipe; `f/file.txt` is for moments a second name of a
 * file outside, so that names which are counted a little later have become one.
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

const spin = (): void => {
  for (let left = Math.random() * 20_000; left > 0; left -= 1);
};

function flicker(name: string, target: string): void {
  for (let left = 40; left > 0; left -= 1) {
    tried(() => linkSync(target, name));
    spin();
    tried(() => unlinkSync(name));
    spin();
  }
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
  () => flicker(join(root, "f/file.txt"), join(outside, "hard.txt")),
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
