/**
 * Who may import whom, and what no file may do. Change the table here first, with a decision record;
 * how each rule is read stands in tools/lib/architecture.ts.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  findCasts,
  findForbiddenImports,
  findImpurities,
  findInheritance,
  findReExports,
  findRefusedSyntax,
  findUnlistedCodes,
  isTest,
  readSources,
  type Rooms,
} from "../tools/lib/architecture.ts";
import { ROOT } from "../tools/lib/paths.ts";
import { readFacts, type SourceFacts } from "../tools/lib/source-facts.ts";

/** Room -> the rooms it may import, each through its index.ts. `type x`: by `import type` only. `*`: all. */
const ROOMS: Rooms = {
  base: [],
  action: ["base"],
  plan: ["base", "action"],
  store: ["base", "plan"],
  run: ["base", "action", "plan", "store"],
  "drivers/*": ["base", "action", "plan", "store", "type run"],
  models: ["base"],
  tools: ["base", "action"],
  memory: ["base", "action", "models"],
  learning: ["base", "action", "store", "type plan", "type tuning"],
  tuning: ["base", "action", "store"],
  agents: ["base", "action", "plan", "run", "models", "tools", "memory", "learning"],
  // Its driver is handed in by src/index.ts, which may import every room.
  executor: ["base", "action", "plan", "store", "run", "models", "tools", "memory", "learning", "tuning", "agents"],
  testing: ["base", "action", "plan", "store", "run", "executor", "drivers/*", "tools"],
  server: ["base", "action", "plan", "executor"],
  cli: ["*"],
};

/** File -> why it may assert types. */
const ALLOWED_CASTS: Readonly<Record<string, string>> = {
  "src/base/ids.ts": "makes brands",
  "src/action/choice.ts": "hides the input type of an action, which the engine has checked by its schema",
  "src/action/define.ts": "hides the types of an action's functions, whose values the engine checks by its schemas",
  "src/executor/run-handle.ts": "gives a plan's output the type of its definition; the journal keeps only JSON",
  "src/plan/handles.ts": "makes typed handles, whose types stand for values that exist only in a run",
};

/** What is decided and folded without clock, chance or I/O, so that the same journal gives the same run. */
const PURE_ROOMS = ["src/plan/", "src/action/"];
/** Files of pure rooms that may use `await`. */
const MAY_AWAIT: readonly string[] = [];

/** Outside src, these import the package by its public names only. */
const LEAVES = ["apps", "bench", "examples", "studio"];

const sources = readSources(["src"]);
const code = sources.filter((file) => !isTest(file));
const isPure = (file: SourceFacts): boolean => PURE_ROOMS.some((room) => file.path.startsWith(room));

describe("the house", () => {
  it("is entered only as the table says", () => {
    expect(sources.flatMap((file) => findForbiddenImports(file, ROOMS))).toEqual([]);
  });

  it("shows leaves its public names only", () => {
    expect(readSources(LEAVES).flatMap((file) => findForbiddenImports(file, ROOMS))).toEqual([]);
  });

  it("exports by name, and again only at a room's door", () => {
    expect(sources.flatMap(findReExports)).toEqual([]);
  });

  it("extends nothing but the error base", () => {
    expect(sources.flatMap(findInheritance)).toEqual([]);
  });

  it("asserts types only where a reason is given", () => {
    expect(sources.flatMap((file) => findCasts(file, ALLOWED_CASTS))).toEqual([]);
  });

  it("has no enum, namespace or decorator", () => {
    expect(sources.flatMap(findRefusedSyntax)).toEqual([]);
  });

  it("keeps its pure rooms pure", () => {
    expect(code.filter(isPure).flatMap((file) => findImpurities(file, MAY_AWAIT))).toEqual([]);
  });

  it("lists every error code in docs/errors.md", () => {
    const page = join(ROOT, "docs", "errors.md");
    const listed = existsSync(page) ? readFileSync(page, "utf8") : "";
    const ours = code.filter(({ path }) => !path.startsWith("src/cli/demo/")); // the demo is a user, with codes of its own
    const isSystems = (line: string): boolean => / code E[A-Z]+ /.test(line); // such as EIO: the system's own
    const unlisted = ours.flatMap((file) => findUnlistedCodes(file, listed)).filter((line) => !isSystems(line));
    const problems = unlisted.length > 0 && listed === "" ? ["docs/errors.md is missing or empty"] : unlisted;
    expect(problems).toEqual([]);
  });
});

describe("its rules", () => {
  const imports = (path: string, text: string): string[] => findForbiddenImports(readFacts(path, text), ROOMS);

  it.each([
    ["a room that the table doesn't allow", "src/plan/x.ts", 'import { a } from "../run/index.ts";'],
    ["an import in a type", "src/plan/x.ts", 'type A = import("../run/index.ts").A;'],
    ["a lazy import", "src/base/x.ts", 'const a = () => import("../plan/index.ts");'],
    ["an import that is a re-export", "src/base/index.ts", 'export { a } from "../plan/index.ts";'],
    ["a file that isn't the door", "src/plan/x.ts", 'import { a } from "../base/ids.ts";'],
    ["a value where only types may come", "src/learning/x.ts", 'import { a } from "../plan/index.ts";'],
    ["another engine's driver", "src/drivers/a/x.ts", 'import { a } from "../b/index.ts";'],
    ["a driver in the executor", "src/executor/x.ts", 'import { a } from "../drivers/sqlite/index.ts";'],
    ["the composition root", "src/run/x.ts", 'import { a } from "../index.ts";'],
    ["what is outside src", "src/run/x.ts", 'import { a } from "../../tools/lib/paths.ts";'],
    ["a file in no room", "src/helpers/x.ts", ""],
    ["a file beside the composition root", "src/helper.ts", ""],
    ["a leaf that reaches into src", "bench/x.ts", 'import { a } from "../src/plan/index.ts";'],
  ])("refuse %s", (_, path, text) => {
    expect(imports(path, text)).toHaveLength(1);
  });

  it.each([
    [
      "src/plan/a/x.ts",
      'import { a } from "../b/y.ts"; import { c } from "../../base/index.ts"; import d from "yaml";',
    ],
    ["src/learning/x.ts", 'import type { A } from "../plan/index.ts";'],
    ["src/testing/x.ts", 'import { a } from "../drivers/sqlite/index.ts";'],
    ["src/index.ts", 'export { a } from "./drivers/sqlite/index.ts";'],
    ["bench/x.ts", 'import { a } from "./y.ts"; import { b } from "pawl";'],
  ])("allow %s: %s", (path, text) => {
    expect(imports(path, text)).toEqual([]);
  });

  it("refuse stars everywhere and re-exports outside a door", () => {
    const text = 'import { a } from "./a.ts"; export { a }; export type { B } from "./b.ts"; export * from "./c.ts";';
    expect(findReExports(readFacts("src/plan/x.ts", text))).toHaveLength(3);
    expect(findReExports(readFacts("src/plan/index.ts", text))).toHaveLength(1);
  });

  it("refuse inheritance, also from Error outside the base", () => {
    const text = "class A extends RuntimeFailure {} class B extends Error {} const C = class extends make() {};";
    expect(findInheritance(readFacts("src/run/x.ts", text))).toHaveLength(2);
    expect(findInheritance(readFacts("src/base/errors/runtime-failure.ts", "class A extends Error {}"))).toEqual([]);
  });

  it("refuse type assertions, but not what only looks like one", () => {
    const text = `
      import * as a from "a"; import { b as c } from "b"; export { c as d };
      const e = [1] as const; const f = "x as y"; // as string
      const g = e as unknown; const h = <string>f;`;
    const file = readFacts("src/run/x.ts", text);
    expect(findCasts(file, {})).toHaveLength(2);
    expect(findCasts(file, { "src/run/x.ts": "why" })).toEqual([]);
    expect(findCasts(readFacts("src/run/x.ts", ""), { "src/run/x.ts": "why" })).toHaveLength(1);
  });

  it("refuse enums, namespaces and decorators", () => {
    const text = 'enum A { b } namespace C { export const d = 1; } @e class F {} declare module "g" {}';
    expect(findRefusedSyntax(readFacts("src/run/x.ts", text))).toHaveLength(3);
  });

  it("refuse clocks, timers, chance, Node's modules and waiting in a pure room", () => {
    const impure = [
      "Date.now()",
      "new Date()",
      "Math.random()",
      "setTimeout(f, 1)",
      "crypto.randomUUID()",
      "performance.now()",
      "await f()",
      "globalThis.setTimeout(f)",
      "run({ setTimeout })",
    ].map((line) => `async () => { ${line}; };`);
    const file = readFacts("src/plan/x.ts", ['import { a } from "node:fs";', ...impure].join("\n"));
    expect(findImpurities(file, [])).toHaveLength(impure.length + 1);
    expect(findImpurities(file, ["src/plan/x.ts"])).toHaveLength(impure.length);
    const pure = 'new Date(0); const text = "Date.now"; read({ fetch: 1, setTimeout: 2 }); type A = { fetch: 1 };';
    expect(findImpurities(readFacts("src/plan/x.ts", pure), [])).toEqual([]);
  });

  it("refuse an error code that no page lists", () => {
    const text =
      'const a = { code: "A_B" }; throw new InputError(x ?? "C_D", "Text"); throw new InputError("E_F", "");';
    const file = readFacts("src/run/x.ts", text);
    expect(findUnlistedCodes(file, "`A_B`, E_F and `C_DE`")).toHaveLength(2);
    expect(findUnlistedCodes(file, "`A_B` `C_D` `E_F`")).toEqual([]);
  });

  it("refuse to judge a file that does not parse", () => {
    expect(() => readFacts("src/run/x.ts", "const = ;")).toThrow("does not parse");
  });
});
