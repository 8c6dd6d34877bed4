import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/base/index.ts";
import { AgentExecutor } from "../../src/index.ts";
import type { PlanNode } from "../../src/plan/index.ts";
import { fileTools } from "../../src/tools/index.ts";
import { careless, ours, race } from "./file-race.ts";
import { makeWorld, tryPaths, type World } from "./file-world.ts";

async function inWorld<T>(use: (world: World) => Promise<T>): Promise<T> {
  const world = await makeWorld();
  try {
    return await use(world);
  } finally {
    world.close();
  }
}

const isLinux = process.platform === "linux";

describe("the file gateway", () => {
  it.skipIf(!isLinux)("lets no path of the corpus out, and touches nothing outside", async () => {
    const { paths, failures } = await inWorld((world) => tryPaths(world, "held"));
    expect(failures).toEqual([]);
    expect(paths).toBeGreaterThan(150);
  });

  it.skipIf(process.platform === "win32")("does the same where folders are known by their names alone", async () => {
    const { failures } = await inWorld((world) => tryPaths(world, "named"));
    expect(failures).toEqual([]);
  });

  it.skipIf(!isLinux)("holds against a process that flips files and folders meanwhile", async () => {
    const races = await inWorld((world) => race(world, ours(world.root), { rounds: 200 }));
    expect([races.leaks, races.failures]).toEqual([[], []]);
    expect(races.torn).toBeGreaterThan(0);
  });

  it.skipIf(!isLinux)("is raced in earnest: who checks the real path and then uses the path is lost", async () => {
    const races = await inWorld((world) => race(world, careless(world.root), { rounds: 1_000, looksOnly: true }));
    expect(races.leaks).not.toEqual([]);
  });
});

describe("a run that changes files", () => {
  let base = "";
  let root = "";
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "pawl-files-run-"));
    root = join(base, "root");
    mkdirSync(root);
    writeFileSync(join(root, "notes.txt"), "before");
    writeFileSync(join(root, "old.txt"), "old");
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const step = (verb: string, given: JsonObject, after: readonly string[] = []): PlanNode => ({
    uses: `files.${verb}`,
    with: given,
    after: [...after],
  });

  it("leaves everything as it was when it is rolled back, also where nothing but the file orders its steps", async () => {
    await using executor = await AgentExecutor.open({ dir: join(base, "state"), use: [...fileTools(root)] });
    const writers = ["a", "b", "c"];
    const plan = {
      name: "change",
      nodes: {
        ...Object.fromEntries(writers.map((name) => [name, step("write", { path: "notes.txt", text: name })])),
        made: step("write", { path: "new/deep/x.txt", text: "x" }),
        edited: step("edit", { path: "new/deep/x.txt", from: "x", to: "y" }, ["made"]),
        gone: step("delete", { path: "old.txt" }),
        fails: step("read", { path: "none.txt" }, [...writers, "edited", "gone"]),
      },
    };
    const run = await executor.start(plan, { id: "r", input: {} });
    expect(await run.result()).toMatchObject({ tag: "rolled-back" });
    expect(readdirSync(root).toSorted()).toEqual(["notes.txt", "old.txt"]);
    expect(readFileSync(join(root, "notes.txt"), "utf8")).toBe("before");
    expect(readFileSync(join(root, "old.txt"), "utf8")).toBe("old");
  });
});
