import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * Loads one of this package's dependencies at once, when it is first needed rather than when a process starts: for
 * heavy ones that most processes never use. `T` is the module's type, by `import type * as`.
 */
export function loadPackage<T>(name: string): T {
  return require(name);
}
