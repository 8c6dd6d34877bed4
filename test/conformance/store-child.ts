/*
 * A process beside the tests: `node store-child.ts MODE DIR`. It prints one JSON line per fact.
 *
 * own: owns the folder and answers commands until it is killed. write: the same, and commits until it is killed.
 * chain: commits a run of 1,000 steps and closes. send: sends one command as a client and prints its result.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { RuntimeFailure, toInstant } from "../../src/base/index.ts";
import { createSqliteDriver } from "../../src/drivers/sqlite/index.ts";
import type { Store, StoreDriver } from "../../src/store/index.ts";
import { firstRun, going, starting, starts, succeeded, turning } from "./samples.ts";

const STEPS = 1_000;

const [mode = "", dir = ""] = process.argv.slice(2);
const tell = (fact: unknown): void => void process.stdout.write(`${JSON.stringify(fact)}\n`);

const modes: Readonly<Record<string, (driver: StoreDriver) => Promise<void>>> = {
  own: async (driver) => {
    const store = await driver.open();
    tell({ owned: store.epoch });
    for (;;) {
      await answer(store);
      await store.changed(60_000);
    }
  },
  write: async (driver) => {
    const store = await driver.open();
    let next = ((await store.summary(firstRun))?.head ?? 0) + 1;
    if (next === 1) {
      await store.commit(starts(starting(firstRun)));
      next = 2;
    }
    for (; ; next += 2) {
      await store.commit({ runs: [going(firstRun, next, succeeded(next), succeeded("x".repeat(next % 5_000)))] });
      tell({ durable: next + 1 });
      await nextTurn(); // so that it notices when nobody listens any more
    }
  },
  chain: async (driver) => {
    const store = await driver.open();
    await store.commit(starts(starting(firstRun)));
    for (let step = 0; step < STEPS; step += 1) {
      const append = going(firstRun, 2 + 2 * step, succeeded(step), succeeded({ step }));
      await store.commit({ runs: [step === STEPS - 1 ? turning(append, "succeeded") : append] });
    }
    tell({ head: (await store.summary(firstRun))?.head });
    await store.close();
  },
  send: async (driver) => {
    const client = await driver.read();
    await client.send({ id: `by-${process.pid}`, at: toInstant(1), command: { from: process.pid } });
    for (;;) {
      const result = await client.commandResult(`by-${process.pid}`);
      if (result !== undefined) {
        tell(result);
        break;
      }
      await client.changed(60_000);
    }
    await client.close();
  },
};

async function answer(store: Store): Promise<void> {
  for (const { id, command } of await store.inbox()) {
    await store.commit({ runs: [], results: [{ command: id, result: { tag: "done", value: { command } } }] });
  }
}

try {
  await modes[mode]?.(createSqliteDriver({ dir }));
} catch (error) {
  tell(RuntimeFailure.is(error) ? { code: error.code, message: error.message } : { thrown: String(error) });
  process.exitCode = 1;
}
