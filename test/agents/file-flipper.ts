/** Turns a folder and a file below a root into links to the outside and back, as fast as it may, until it is told to stop. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const [root = "", stop = ""] = process.argv.slice(2);
const pairs = [
  [join(root, "flip"), join(root, ".flip-link"), join(root, ".flip-real")],
  [join(root, "file.txt"), join(root, ".file-link"), join(root, ".file-real")],
] as const;
let flips = 0;
while (!existsSync(stop)) {
  for (let turn = 0; turn < 200; turn += 1) {
    for (const [name, link, real] of pairs) {
      take(name, real);
      take(link, name);
      take(name, link);
      take(real, name);
      flips += 1;
    }
  }
}
process.stdout.write(String(flips));

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
