import { existsSync } from "node:fs";
import { join } from "node:path";
import { CancelledError, InputError } from "../base/index.ts";
import type { AnyAction } from "../action/index.ts";
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
import type { Piece } from "../run/index.ts";
import { loadActions } from "./actions.ts";
import { loadConfig } from "./config.ts";
import { folderOf, type CliContext } from "./context.ts";
import { howToResume } from "./advice.ts";
import { listenForInterrupt, NO_LIMIT_MS, type Interrupt } from "./interrupt.ts";
import { readShape, type PlanShape } from "./plan-shape.ts";

/** The place of one command at a state folder: its owner where nobody else is, else a client. */
export interface Desk {
  /** The folder as commands name it. */
  readonly folder: string;
  readonly config: Config;
  readonly client: () => Client;
  readonly isOwner: () => boolean;
  /** Becomes the owner if the last one is gone; tells whether this changed something. */
  readonly takeOver: () => Promise<boolean>;
  /** The shape of a run's plan, as it was when the run was made. */
  readonly shapeOf: (report: RunReport) => Promise<PlanShape | undefined>;
  /** Shown what attempts send on their way, as long as this process is the one that makes them. */
  readonly onPiece: (listener: (piece: Piece) => void) => void;
  /** Someone says stop: the desk is then being closed. */
  readonly interrupt: Interrupt;
  readonly close: (how?: { readonly drainMs: number }) => Promise<void>;
}

interface Place {
  readonly config: Config;
  readonly shown: string;
  readonly full: string;
  /** Those of the configuration, and those that agents of the command line need. */
  readonly actions: readonly AnyAction[];
}

async function placeOf(context: CliContext): Promise<Omit<Place, "actions">> {
  const config = await loadConfig(context);
  return { config, ...folderOf(context, config.dir) };
}

/**
 * Opens the folder to work in it. Runs that others left unfinished stay as they are, until one is asked for.
 *
 * @throws {InputError} FOLDER_MISSING with `mustExist`, and what the store says.
 */
async function openDesk(context: CliContext, how: { readonly mustExist: boolean }): Promise<Desk> {
  const where = await placeOf(context);
  if (how.mustExist && !existsSync(join(where.full, "pawl.db"))) throw folderMissing(where);
  const driver = createSqliteDriver({ dir: where.full });
  const place: Place = { ...where, actions: await loadActions(where.config, driver) };
  let listener: (piece: Piece) => void = () => {};
  const onPiece = (piece: Piece): void => listener(piece);
  let owner = await tryOwn(place, onPiece);
  let client: Client = owner ?? (await connectClient(driver));
  const close: Desk["close"] = (options) => client.close(options);
  return {
    folder: place.shown,
    config: place.config,
    client: () => client,
    onPiece: (next) => {
      listener = next;
    },
    isOwner: () => owner !== undefined,
    takeOver: async () => {
      if (owner !== undefined) return false;
      const next = await tryOwn(place, onPiece);
      if (next === undefined) return false;
      const before = client;
      owner = next;
      client = next;
      await before.close();
      return true;
    },
    shapeOf: (report) => readShape(driver, place.actions, report),
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

async function tryOwn(
  { config, full, actions }: Place,
  onPiece: (piece: Piece) => void,
): Promise<Executor | undefined> {
  const { model: _, agent: __, ...settings } = config;
  const options: OpenOptions = { ...settings, use: actions, dir: full, recover: false, onPiece };
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

function folderMissing({ shown, full }: Pick<Place, "shown" | "full">): InputError {
  const problem = {
    code: "FOLDER_MISSING",
    path: shown,
    expected: "a state folder",
    got: `nothing of Pawl's in ${full}`,
    fix: "Name the folder with --dir or PAWL_DIR, or start a run there first: `pawl run FILE`, `pawl demo`.",
  };
  return new InputError("FOLDER_MISSING", "There are no runs here", { problems: [problem] });
}
