import type { StoreDriver } from "../store/index.ts";
import { connectClient } from "./connect.ts";
import { openExecutor } from "./open.ts";
import type { Client, ConnectOptions, Executor, OpenOptions } from "./types.ts";

export { systemClock, systemRng } from "./clock.ts";
export { defineConfig, type AgentDefaults, type Config } from "./config.ts";
export { connectClient } from "./connect.ts";
export { openExecutor } from "./open.ts";
export { loadPlan, parsePlanText } from "./plan-file.ts";
export { readReport } from "./reports.ts";
export { defaultName, toResult } from "./run-handle.ts";
export type {
  By,
  Client,
  ConnectOptions,
  Executor,
  OpenOptions,
  Result,
  Run,
  Runnable,
  StartOptions,
} from "./types.ts";

/** The runtime: the one object that users open, connect to and close. */
export interface AgentExecutorApi {
  /**
   * Opens a state folder as its owner, takes up what was left unfinished, and runs plans until it is closed.
   *
   * @throws {InputError} FOLDER_OWNED while another owner lives; `connect` then.
   */
  readonly open: (options: OpenOptions) => Promise<Executor>;
  /** Connects to a state folder beside its owner, or without one. @throws {InputError} FOLDER_MISSING */
  readonly connect: (options: ConnectOptions) => Promise<Client>;
}

/** Makes the runtime on a kind of store. */
export function createAgentExecutor(driverOf: (options: { readonly dir: string }) => StoreDriver): AgentExecutorApi {
  return {
    open: (options) => openExecutor(driverOf(options), options),
    connect: (options) => connectClient(driverOf(options)),
  };
}
