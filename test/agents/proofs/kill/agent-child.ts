/** `agent-child.ts DIR RUN URL WITNESS WHEN PROGRESS TARGET`: runs the agent, or goes on with it, and may die on the way. */
import { writeSync } from "node:fs";
import { createSqliteDriver } from "../../../../src/drivers/sqlite/index.ts";
import { createAgentExecutor } from "../../../../src/executor/index.ts";
import type { Store, StoreDriver } from "../../../../src/store/index.ts";
import { createVictim } from "./agent.ts";
import { progressOf } from "./progress.ts";

const [dir = "", run = "", url = "", witness = "", when = "", from = "0", target = "0"] = process.argv.slice(2);
const end = Number(target) === 0 ? Infinity : Number(target);
let progress = Number(from);
let commits = 0;
let hasSaid = false;

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** The parent kills at once what says that it is time. */
function sayTime(): void {
  if (!hasSaid) writeSync(1, "time\n");
  hasSaid = true;
}

/** Counts what becomes durable, and dies by it. */
function watched(store: Store): Store {
  return {
    ...store,
    commit: async (batch) => {
      const grown = progressOf(batch.runs.flatMap(({ events }) => events));
      if (when === "before" && progress + grown >= end) die();
      await store.commit(batch);
      progress += grown;
      commits += grown > 0 ? 1 : 0;
      if (when === "after" && progress >= end) die();
      if (when === "around" && progress >= end) sayTime();
    },
  };
}

function driverOf(options: { readonly dir: string }): StoreDriver {
  const driver = createSqliteDriver(options);
  return { ...driver, open: async () => watched(await driver.open()) };
}

const victim = createVictim(`${url}#victim`, witness);
const executor = await createAgentExecutor(driverOf).open({ dir, use: [victim] });
const started = await executor.start(victim, { id: run, input: { goal: "Do it all." } });
const { tag } = await started.result();
await executor.close();
writeSync(1, `${JSON.stringify({ tag, commits })}\n`);
