/** `node tools/run-if-present.ts FILE ARG...`: runs a file that may not have been written yet, or says so. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./lib/paths.ts";

const [file, ...args] = process.argv.slice(2);

if (file === undefined) {
  console.error("Expected the file to run, got no argument. Write: node tools/run-if-present.ts FILE ARG...");
  process.exitCode = 2;
} else if (existsSync(join(ROOT, file))) {
  process.argv.splice(1, process.argv.length, join(ROOT, file), ...args);
  await import(pathToFileURL(join(ROOT, file)).href);
} else {
  console.log(`There is no ${file} yet.`);
}
