import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Loads a package at once, when it is first needed: importing Pawl must not pay for what a program doesn't use.
 *
 * @throws {Error} Node's own, when the package is not installed.
 */
export function loadPackage(name: string): unknown {
  return require(name);
}
