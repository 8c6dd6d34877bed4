import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import { CancelledError } from "../../base/index.ts";
import type { Environment } from "./environment.ts";
import { endGroup } from "./group.ts";
import { collectOutput, type Collected } from "./output.ts";
import { toSpawnError } from "./spawn-error.ts";

/** One process to be run. */
export interface Launch {
  readonly argv: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Environment;
  readonly stdin: string;
  readonly maxOutputBytes: number;
  readonly graceMs: number;
  readonly signal: AbortSignal;
  /** Called for each piece of output, whichever stream it came from. */
  readonly onOutput: () => void;
}

/** How a process ended. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  /** The last of standard error, 2,048 bytes at most. */
  readonly stderr: string;
  /** Why we stopped it; undefined when it ended by itself. */
  readonly stopped: "abort" | "too-large" | undefined;
}

/**
 * Runs a process to its end, without a shell, in a process group of its own.
 *
 * 1. It resolves only when the process has ended and nothing of its group is left (or was sent SIGKILL).
 * 2. Whoever else holds the pipes open (a member that left the group) doesn't keep us: reading stops when nothing
 *    comes for a quarter of a second.
 * 3. An abort after the process ended changes nothing.
 *
 * @throws {CancelledError} PROCESS_NOT_STARTED when the signal was aborted before.
 * @throws {PermanentError} PROCESS_NOT_FOUND, {TransientError} PROCESS_SPAWN_FAILED.
 */
export async function runProcess(launch: Launch): Promise<Ending> {
  if (launch.signal.aborted) {
    throw new CancelledError("PROCESS_NOT_STARTED", "Asked to stop before the process was started; nothing was done.");
  }
  const child = start(launch);
  const exit = new Promise<Pick<Ending, "exitCode" | "signal">>((resolve) => {
    child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await spawned(child, launch);
  return await supervise({ child, launch, exit, closed });
}

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly launch: Launch;
  readonly exit: Promise<Pick<Ending, "exitCode" | "signal">>;
  readonly closed: Promise<void>;
}

async function supervise({ child, launch, exit, closed }: Running): Promise<Ending> {
  const leader = child.pid ?? 0;
  let stopped: Ending["stopped"];
  let cleaning: Promise<void> | undefined;
  const stop = (why: "abort" | "too-large"): void => {
    if (cleaning !== undefined) return;
    stopped = why;
    cleaning = endGroup(leader, launch.graceMs);
  };
  const onAbort = (): void => stop("abort");
  const collected = collectOutput(child, launch, () => stop("too-large"));
  launch.signal.addEventListener("abort", onAbort, { once: true });
  if (launch.signal.aborted) onAbort();
  feed(child, launch.stdin);
  try {
    const { exitCode, signal } = await exit;
    await (cleaning ??= endGroup(leader, launch.graceMs));
    await drain(closed, collected);
    return { exitCode, signal, stdout: collected.stdout(), stderr: collected.stderr(), stopped };
  } finally {
    launch.signal.removeEventListener("abort", onAbort);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  }
}

function start(launch: Launch): ChildProcessWithoutNullStreams {
  const [file = "", ...rest] = launch.argv;
  try {
    const options = { env: launch.env, detached: true, shell: false, windowsHide: true };
    return spawn(file, rest, launch.cwd === undefined ? options : { ...options, cwd: launch.cwd });
  } catch (error) {
    throw toSpawnError(error, launch);
  }
}

async function spawned(child: ChildProcessWithoutNullStreams, launch: Launch): Promise<void> {
  const failure = await new Promise<unknown>((resolve) => {
    child.once("spawn", () => resolve(undefined));
    child.on("error", resolve); // stays: a later complaint (a kill that failed) must not end Pawl
  });
  if (failure !== undefined) throw toSpawnError(failure, launch);
}

function feed(child: ChildProcessWithoutNullStreams, text: string): void {
  // A process need not read its input; when it ends first, the pipe breaks, and that is no failure.
  child.stdin.on("error", () => undefined);
  child.stdin.end(text);
}

const QUIET_MS = 250;
const MOST_ROUNDS = 8;

/** Waits for the end of both streams. They may be held open by someone else, who may even go on writing. */
async function drain(closed: Promise<void>, collected: Collected): Promise<void> {
  const timer = new AbortController();
  const end = closed.then(() => "closed" as const);
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const before = collected.pieces();
    const pause = sleep(QUIET_MS, "quiet" as const, { signal: timer.signal }).catch(() => "quiet" as const);
    if ((await Promise.race([end, pause])) === "closed") break;
    // After a busy loop the timer comes before what already waits in the pipes: let that in first.
    await nextTurn();
    await nextTurn();
    if (collected.pieces() === before) break;
  }
  timer.abort();
}
