import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSqliteDriver } from "../../src/drivers/sqlite/index.ts";
import { scratch, startChild, type Child } from "./children.ts";
import { firstRun, going, succeeded } from "./samples.ts";
import { problemsOf } from "./store-conformance.ts";

const hasStrace = spawnSync("strace", ["-V"]).status === 0;
const strace = hasStrace ? describe : describe.skip;

/** Reads the child's facts until it has told this many, or ends; gives the last record that it called durable. */
async function lastDurable(child: Child, facts: number): Promise<{ durable: number; code: unknown }> {
  let durable = 0;
  for (let count = 0; count < facts; count += 1) {
    const fact = await child.next();
    if (fact === undefined) break;
    if (typeof fact["durable"] === "number") durable = fact["durable"];
    if ("code" in fact) return { durable, code: fact["code"] };
  }
  return { durable, code: undefined };
}

/** Becomes the next owner and goes on with the run; tells how many durable records are gone, and what is damaged. */
async function goOn(dir: string, durable: number): Promise<{ lost: number; problems: readonly unknown[] }> {
  const store = await createSqliteDriver({ dir }).open();
  const head = (await store.summary(firstRun))?.head ?? 0;
  const found = (await store.read(firstRun)).length;
  const problems = await problemsOf(store);
  if (head > 0) await store.commit({ runs: [going(firstRun, head + 1, succeeded("on"))] });
  await store.close();
  return { lost: Math.max(0, durable - head, head - found), problems };
}

describe("kill -9", () => {
  it("loses nothing that was called durable, 12 times on one folder", async () => {
    using folder = scratch();
    for (const facts of [1, 2, 7, 20, 3, 50, 11, 1, 90, 33, 5, 64]) {
      const writer = startChild("write", folder.dir);
      const told = await lastDurable(writer, facts);
      await writer.kill("SIGKILL");
      let late = await writer.next();
      for (; late !== undefined; late = await writer.next()) told.durable = Number(late["durable"] ?? told.durable);
      expect(await goOn(folder.dir, told.durable)).toMatchObject({ lost: 0, problems: [] });
    }
  });
});

strace("under strace", () => {
  const traced = (log: string, ...options: readonly string[]): readonly string[] => [
    "strace",
    "-f",
    "-o",
    log,
    ...options,
  ];

  it("a run of 1,000 steps takes at most 1,050 fsyncs, opening and closing included, and a log of bounded size", async () => {
    using folder = scratch();
    const log = `${folder.dir}.log`;
    const child = startChild("chain", folder.dir, traced(log, "-e", "trace=fsync,fdatasync"));
    expect(await child.next()).toEqual({ head: 2_001 });
    await child.ended;
    const calls = readFileSync(log, "utf8").match(/f(data)?sync\(/g)?.length ?? 0;
    expect(calls).toBeGreaterThan(1_000);
    expect(calls).toBeLessThanOrEqual(1_050);
    expect(statSync(join(folder.dir, "pawl.db")).size).toBeGreaterThan(100_000);
  });

  const faults = [
    ["fsync", "EIO"],
    ["pwrite64", "ENOSPC"],
    ["pwrite64", "EIO"],
  ] as const;
  const when = [30, 45, 61, 200];

  it.each(faults.flatMap(([call, error]) => when.map((nth) => [call, error, nth] as const)))(
    "%s with %s from the %dth on stops the store; all that was durable is there afterwards",
    async (call, error, nth) => {
      using folder = scratch();
      const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:error=${error}:when=${nth}+`];
      const child = startChild("write", folder.dir, traced(`${folder.dir}.log`, ...inject));
      const told = await lastDurable(child, 400);
      await child.kill("SIGKILL");
      expect(told.code).toBe("STORE_FAILED");
      expect(await goOn(folder.dir, told.durable)).toMatchObject({ lost: 0, problems: [] });
    },
  );

  it.each([40, 41, 42, 43, 60, 90])("dies at its %dth write, and loses nothing that was durable", async (nth) => {
    using folder = scratch();
    const inject = ["-e", "trace=pwrite64", "-e", `inject=pwrite64:signal=KILL:when=${nth}`];
    const child = startChild("write", folder.dir, traced(`${folder.dir}.log`, ...inject));
    const told = await lastDurable(child, Infinity);
    await child.ended;
    expect(await goOn(folder.dir, told.durable)).toMatchObject({ lost: 0, problems: [] });
  });
});
