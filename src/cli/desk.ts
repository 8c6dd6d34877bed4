import { existsSync } from "node:fs";
import { join } from "node:path";
import { CancelledError, InputError } from "../base/index.ts";
import { createSqliteDriver } from "../drivers/sqlite/index.ts";
import {
  connectClient,
  openExecutor,
  type Client,
  type Config,
  type Executor,
  type OpenOptions,
} from "../executor/index.ts";
import type { RunReport } from "../plan/index.ts";
import { loadConfig } from "./config.ts";
import { folderOf, type CliContext } from "./context.ts";
import { howToResume } from "./advice.ts";
import { listenForInterrupt, NO_LIMIT_MS, type Interrupt } from "./interrupt.ts";
import { readShape, type PlanShape } from "./plan-shape.ts";

/** The place of one command at a state folder: its owner where nobody else is, else a client. */
export interface Desk {
  /** The folder as commands name it. */
  readonly folder: string;
  readonly client: () => Client;
  readonly isOwner: () => boolean;
  /** Becomes the owner if the last one is gone; tells whether this changed something. */
  readonly takeOver: () => Promise<boolean>;
  /** The shape of a run's plan, as it was when the run was made. */
  readonly shapeOf: (report: RunReport) => Promise<PlanShape | undefined>;
  /** Someone says stop: the desk is then being closed. */
  readonly interrupt: Interrupt;
  readonly close: (how?: { readonly drainMs: number }) => Promise<void>;
}

interface Place {
  readonly config: Config;
  readonly shown: string;
  readonly full: string;
}

async function placeOf(context: CliContext): Promise<Place> {
  const config = await loadConfig(context);
  return { config, ...folderOf(context, config.dir) };
}

/**
 * Opens the folder to work in it. Runs that others left unfinished stay as they are, until one is asked for.
 *
 * @throws {InputError} FOLDER_MISSING with `mustExist`, and what the store says.
 */
async function openDesk(context: CliContext, how: { readonly mustExist: boolean }): Promise<Desk> {
  const place = await placeOf(context);
  if (how.mustExist && !existsSync(join(place.full, "pawl.db"))) throw folderMissing(place);
  const driver = createSqliteDriver({ dir: place.full });
  let owner = await tryOwn(place);
  let client: Client = owner ?? (await connectClient(driver));
  const close: Desk["close"] = (options) => client.close(options);
  return {
    folder: place.shown,
    client: () => client,
    isOwner: () => owner !== undefined,
    takeOver: async () => {
      if (owner !== undefined) return false;
      const next = await tryOwn(place);
      if (next === undefined) return false;
      const before = client;
      owner = next;
      client = next;
      await before.close();
      return true;
    },
    shapeOf: (report) => readShape(driver, place.config, report),
    interrupt: listenForInterrupt(close, context.say),
    close,
  };
}

/**
 * Opens a desk, works at it, and lets what is out end before it leaves.
 *
 * @throws {CancelledError} INTERRUPTED when someone said stop before the work was done.
 */
export async function atDesk<T>(
  context: CliContext,
  how: { readonly mustExist: boolean },
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const desk = await openDesk(context, how);
  try {
    const done = await work(desk);
    await desk.close({ drainMs: NO_LIMIT_MS });
    return done;
  } catch (error) {
    if (!desk.interrupt.signal.aborted || (CancelledError.is(error) && error.code === "INTERRUPTED")) throw error;
    await desk.close({ drainMs: NO_LIMIT_MS });
    throw interrupted([], desk, error);
  } finally {
    await desk.close();
    desk.interrupt.dispose();
  }
}

/** The error for work that someone stopped. */
export function interrupted(ids: readonly string[], { folder }: Desk, cause?: unknown): CancelledError {
  return new CancelledError("INTERRUPTED", `Interrupted; nothing is lost. ${howToResume(ids, folder)}`, { cause });
}

async function tryOwn({ config, full }: Place): Promise<Executor | undefined> {
  const options: OpenOptions = { ...config, dir: full, recover: false };
  try {
    return await openExecutor(createSqliteDriver({ dir: full }), options);
  } catch (error) {
    if (InputError.is(error) && error.code === "FOLDER_OWNED") return undefined;
    throw error;
  }
}

/** Connects to a folder only to read it. @throws {InputError} FOLDER_MISSING */
export async function readDesk(context: CliContext): Promise<{ readonly client: Client; readonly folder: string }> {
  const place = await placeOf(context);
  if (!existsSync(join(place.full, "pawl.db"))) throw folderMissing(place);
  return { client: await connectClient(createSqliteDriver({ dir: place.full })), folder: place.shown };
}

function folderMissing({ shown, full }: Place): InputError {
  const problem = {
    code: "FOLDER_MISSING",
    path: shown,
    expected: "a state folder",
    got: `nothing of Pawl's in ${full}`,
    fix: "Name the folder with --dir or PAWL_DIR, or start a run there first: `pawl run FILE`, `pawl demo`.",
  };
  return new InputError("FOLDER_MISSING", "There are no runs here", { problems: [problem] });
}
