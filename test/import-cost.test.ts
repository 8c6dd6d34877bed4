/**
 * What it costs to import the package: its schemas, files and expressions bring libraries along, and none of them may
 * be loaded before it is used.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { ROOT } from "../tools/lib/paths.ts";

/** Names the packages from node_modules that a bare Node has loaded when it is through with a script. */
function packagesLoadedBy(script: string): string[] {
  const program = `
    import { registerHooks } from "node:module";
    const packages = new Set();
    registerHooks({
      load: (url, context, next) => {
        const found = /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url);
        if (found !== null) packages.add(found[1]);
        return next(url, context);
      },
    });
    ${script}
    console.log(JSON.stringify([...packages]));
  `;
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
    cwd: ROOT,
  });
  if (status !== 0) throw new Error(`The script ended with exit code ${status}: ${stderr}`);
  const packages: string[] = JSON.parse(stdout);
  return packages;
}

const source = pathToFileURL(join(ROOT, "src", "index.ts")).href;

describe("importing the package", () => {
  it("loads no other package", () => {
    expect(packagesLoadedBy(`await import("${source}");`)).toEqual([]);
  });

  it("sees it when one is loaded", () => {
    expect(packagesLoadedBy('await import("yaml"); await import("@cfworker/json-schema");')).toEqual([
      "yaml",
      "@cfworker/json-schema",
    ]);
  });
});
