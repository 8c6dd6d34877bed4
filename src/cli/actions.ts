import type { AnyAction } from "../action/index.ts";
import { toRunId, type Json } from "../base/index.ts";
import type { Config } from "../executor/index.ts";
import type { StoreDriver } from "../store/index.ts";

/** The actions of the configuration, and those that the runs of the command line's agents need. */
export async function loadActions(config: Config, driver: StoreDriver): Promise<readonly AnyAction[]> {
  const { createKit } = await import("./agents/kit.ts");
  const known = new Map<string, Promise<Json>>();
  const inputOf = (run: string): Promise<Json> => {
    const input = known.get(run) ?? readInput(driver, run);
    known.set(run, input);
    input.catch(() => known.delete(run));
    return input;
  };
  return [...(config.use ?? []), ...createKit({ config, inputOf })];
}

async function readInput(driver: StoreDriver, run: string): Promise<Json> {
  const reader = await driver.read();
  try {
    const [first] = await reader.read(toRunId(run), { from: 1, limit: 1 });
    return first?.event.type === "run-created" ? first.event.input : null;
  } finally {
    await reader.close();
  }
}
