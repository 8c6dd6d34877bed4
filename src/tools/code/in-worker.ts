import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { CodeRequest, WorkerReply } from "./reply.ts";

/** How the worker came to its end. */
export type WorkerEnding =
  | Exclude<WorkerReply, { readonly tag: "started" }>
  | { readonly tag: "stopped" | "unready" }
  | { readonly tag: "broken"; readonly why: string };

const HOME = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url));
/** For loading the interpreter, on a machine that is busy. */
const READY_MS = 20_000;
/** The interpreter stops by itself in time; what it overlooks is killed so much later. */
const GRACE_MS = 100;

/**
 * Runs code in a worker of its own.
 *
 * 1. It resolves only when the worker is gone.
 * 2. The worker is killed at its deadline and on abort, whatever it does.
 * 3. The first ending counts.
 */
export async function runInWorker(
  request: CodeRequest,
  signal: AbortSignal,
  file: string = HOME,
): Promise<WorkerEnding> {
  if (signal.aborted) return { tag: "stopped" };
  const worker = new Worker(file, {
    workerData: request,
    name: "pawl-code",
    env: {},
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  });
  const { promise, resolve } = Promise.withResolvers<WorkerEnding>();
  const onAbort = (): void => resolve({ tag: "stopped" });
  let timer = setTimeout(resolve, READY_MS, { tag: "unready" });
  worker.on("message", (reply: WorkerReply) => {
    if (reply.tag !== "started") return resolve(reply);
    clearTimeout(timer);
    timer = setTimeout(resolve, request.timeoutMs + GRACE_MS, { tag: "late" });
  });
  worker.on("error", (error) => resolve(toEnding(error)));
  worker.on("exit", (code) => resolve({ tag: "broken", why: `its worker ended with code ${code}` }));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    await worker.terminate();
  }
}

function toEnding(error: unknown): WorkerEnding {
  const isMemory = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  if (isMemory) return { tag: "out-of-memory" };
  return { tag: "broken", why: error instanceof Error ? error.message : String(error) };
}
