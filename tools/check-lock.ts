/**
 * `npm run check:lock`: fails unless the lock holds every optional platform package that a locked package names.
 * A lock without them installs here, and is refused by `npm ci` on the platform that needs them.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findMissingOptional, type Lock } from "./lib/lock.ts";
import { ROOT } from "./lib/paths.ts";

const lock: Lock = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8"));
const missing = findMissingOptional(lock);

if (missing.length > 0) {
  console.error(`package-lock.json lacks ${missing.length} optional packages:\n  ${missing.join("\n  ")}`);
  console.error("Take a version that was published with all its platform packages, then run `npm install`.");
  process.exitCode = 1;
}
