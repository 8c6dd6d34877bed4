import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Transport } from "@modelcontextprotocol/client";
import { endGroup } from "../process/group.ts";
import { toSpawnError } from "../process/spawn-error.ts";
import { createLineCutter } from "./lines.ts";
import type { ClientPackage } from "./load.ts";
import type { McpProgram } from "./options.ts";

/** A server that is a child process, and what it wrote last to standard error. */
export interface StdioTransport {
  readonly transport: Transport;
  readonly lastWords: () => string;
  readonly pid: () => number | undefined;
}

/** How much of standard error is kept, in characters. */
const TAIL_LENGTH = 2_048;
/** How long a server may take to end by itself when its input ends, then after SIGTERM. */
const FAREWELL_MS = 500;
const GRACE_MS = 2_000;
/** Someone else may hold the pipes of a server that is gone. */
const LAST_WORDS_MS = 500;
const MOST_MESSAGE_BYTES = 33_554_432;
const OWN = process.platform === "win32" ? ["PATH", "HOME", "SYSTEMROOT", "PATHEXT"] : ["PATH", "HOME"];

/**
 * Speaks to a server through its standard input and output, one JSON message a line.
 *
 * 1. The server leads a process group of its own; when it ends or is closed, the whole group is ended.
 * 2. It sees PATH, HOME and what it is given, and nothing else of Pawl's environment.
 * 3. Messages are written one after the other, so that one whose writing failed was never read whole: its line has no
 *    end. Its error is told by `isUnsent`.
 * 4. `onclose` is called once, when the process is gone and what it wrote has been read.
 */
export function createStdioTransport(program: McpProgram, sdk: ClientPackage): StdioTransport {
  let child: ChildProcessWithoutNullStreams | undefined;
  let tail = "";
  let last: Promise<unknown> = Promise.resolve();
  const gone = Promise.withResolvers<void>();
  const transport: Transport = {
    start: async () => {
      child = launch(program);
      child.once("exit", () => void finish(child));
      child.once("close", () => gone.resolve());
      child.stdout.on("data", (chunk: Buffer) => receive(chunk));
      child.stderr.on("data", (chunk: Buffer) => {
        tail = (tail + chunk.toString("utf8")).slice(-TAIL_LENGTH);
      });
      // What these would say is told by the end of the process, too.
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on("error", () => undefined);
      await spawned(child, program);
    },
    send: (message) => {
      const sent = last.then(async () => await send(child, sdk.serializeMessage(message)));
      last = sent.catch(() => undefined);
      return sent;
    },
    close: async () => {
      if (child === undefined) return;
      child.stdin.end();
      if (await isGoneAfter(child, FAREWELL_MS)) return await gone.promise;
      await endGroup(child.pid ?? 0, GRACE_MS);
      await gone.promise;
    },
  };
  // A line that is no message (a greeting, a log) is passed over.
  const lines = createLineCutter(MOST_MESSAGE_BYTES, (line) => {
    try {
      transport.onmessage?.(sdk.deserializeMessage(line));
    } catch (error) {
      transport.onerror?.(toError(error));
    }
  });
  const receive = (chunk: Buffer): void => {
    if (lines.push(chunk)) return;
    tail += `\n(Stopped: it sent a message of more than ${MOST_MESSAGE_BYTES} bytes.)`;
    void endGroup(child?.pid ?? 0, 0);
  };
  const finish = async (ended: ChildProcessWithoutNullStreams | undefined): Promise<void> => {
    await endGroup(ended?.pid ?? 0, GRACE_MS);
    await Promise.race([gone.promise, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    for (const stream of [ended?.stdin, ended?.stdout, ended?.stderr]) stream?.destroy();
    gone.resolve();
    transport.onclose?.();
  };
  return { transport, lastWords: () => tail, pid: () => child?.pid };
}

function launch({ command, env, cwd }: McpProgram): ChildProcessWithoutNullStreams {
  const [file = "", ...rest] = command;
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => OWN.includes(name)));
  const options = { env: { ...own, ...env }, detached: true, shell: false, windowsHide: true };
  try {
    return spawn(file, rest, cwd === undefined ? options : { ...options, cwd });
  } catch (error) {
    throw toSpawnError(error, { argv: command, cwd });
  }
}

async function spawned(child: ChildProcessWithoutNullStreams, { command, cwd }: McpProgram): Promise<void> {
  const failure = await new Promise<unknown>((resolve) => {
    child.once("spawn", () => resolve(undefined));
    child.on("error", resolve); // stays: a later complaint must not end Pawl
  });
  if (failure !== undefined) throw toSpawnError(failure, { argv: command, cwd });
}

async function send(child: ChildProcessWithoutNullStreams | undefined, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    if (child === undefined || !child.stdin.writable) reject(toUnsent(new Error("The server's input is closed.")));
    else child.stdin.write(text, (error) => (error ? reject(toUnsent(error)) : resolve()));
  });
}

const toUnsent = (error: Error): Error => Object.assign(error, { isUnsent: true });

/** Tells whether an error says that the server can't have read the message. */
export function isUnsent(error: unknown): boolean {
  return error instanceof Error && "isUnsent" in error;
}

async function isGoneAfter(child: ChildProcessWithoutNullStreams, ms: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  const timer = new AbortController();
  const exit = new Promise<boolean>((resolve) => child.once("exit", () => resolve(true)));
  const pause = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  const isGone = await Promise.race([exit, pause]);
  timer.abort();
  return isGone;
}

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
