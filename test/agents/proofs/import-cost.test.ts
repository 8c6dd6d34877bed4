/**
 * What importing agents, models and tools brings along: no SDK of a model, no schema library, no protocol and no
 * interpreter before it is used. What is asserted is the list of all that was loaded from outside of the package.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../tools/lib/paths.ts";

interface Loaded {
  /** Packages from node_modules. */
  readonly packages: readonly string[];
  /** Modules of Node, without their prefix. */
  readonly builtins: readonly string[];
}

/** What a bare Node has loaded when it is through with a script. */
function loadedBy(script: string): Loaded {
  const program = `
    import { registerHooks } from "node:module";
    const packages = new Set();
    const builtins = new Set();
    registerHooks({
      load: (url, context, next) => {
        const found = /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url);
        if (found !== null) packages.add(found[1]);
        if (url.startsWith("node:")) builtins.add(url.slice("node:".length));
        return next(url, context);
      },
    });
    ${script}
    console.log(JSON.stringify({ packages: [...packages].sort(), builtins: [...builtins].sort() }));
  `;
  const args = ["--input-type=module", "--eval", program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: ROOT });
  if (status !== 0) throw new Error(`The script ended with exit code ${status}: ${stderr}`);
  const loaded: Loaded = JSON.parse(stdout);
  return loaded;
}

const room = (name: string): string => JSON.stringify(pathToFileURL(join(ROOT, "src", name, "index.ts")).href);

describe("importing", () => {
  it("agents loads no package, and no more of Node than this", () => {
    const loaded = loadedBy(`await import(${room("agents")});`);
    expect(loaded).toEqual({ packages: [], builtins: ["crypto", "fs", "util"] });
  });

  it("models loads no package, and nothing that talks to the network", () => {
    const { packages, builtins } = loadedBy(`await import(${room("models")});`);
    expect(packages).toEqual([]);
    expect(builtins).toEqual(["crypto", "fs"]);
  });

  it("tools loads no package: no protocol, no interpreter, no parser of pages", () => {
    expect(loadedBy(`await import(${room("tools")});`).packages).toEqual([]);
  });

  it("and defining an agent loads no package either: its model is looked for when it first thinks", () => {
    const { packages } = loadedBy(`
      const { defineAgent, AutoGPT, PlanAndExecute } = await import(${room("agents")});
      defineAgent("clerk", { model: "openai:gpt-5" });
      AutoGPT("scout", { model: "anthropic:claude-opus-4-5" });
      PlanAndExecute("planner", { model: "ollama:llama", tools: [] });
    `);
    expect(packages).toEqual([]);
  });

  it("would be seen to load one", () => {
    expect(loadedBy('await import("ai/test"); await import("node:http");')).toMatchObject({
      packages: expect.arrayContaining(["@ai-sdk/provider-utils", "ai", "zod"]),
      builtins: expect.arrayContaining(["http"]),
    });
  });
});
