import { readdir, readFile, statfs } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ShellLimits } from "./options.ts";

/** What a sandbox used too much of. */
export type Excess = "memory" | "processes" | "disk";

/** A sandbox to be watched, known by its mark. */
export interface Watched {
  readonly mark: string;
  readonly dir: string;
  readonly limits: Required<ShellLimits>;
  /** Aborted when there is nothing to watch any more. */
  readonly signal: AbortSignal;
  readonly onExcess: (excess: Excess) => void;
}

const PAUSE_MS = 50;

/**
 * Counts what a sandbox uses as a whole, again and again, until it is over. The kernel bounds single processes only,
 * and for root of the machine not even their number; control groups, which could, are rarely ours to make.
 */
export async function watchSandbox({ mark, dir, limits, signal, onExcess }: Watched): Promise<void> {
  const leastFree = (await freeBytes(dir)) - limits.diskBytes;
  let leader: string | undefined;
  while (!signal.aborted) {
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    leader ??= await findLeader(mark);
    const { processes, bytes } = leader === undefined ? NOTHING : await countFrom(leader, limits);
    if (signal.aborted) return;
    if (processes > limits.processes) onExcess("processes");
    else if (bytes > limits.memoryBytes) onExcess("memory");
    else if ((await freeBytes(dir)) < leastFree) onExcess("disk");
  }
}

const NOTHING = { processes: 0, bytes: 0 };

/** Infinite where nobody can tell, as when the folder was taken away meanwhile. */
async function freeBytes(dir: string): Promise<number> {
  const found = await statfs(dir).catch(() => undefined);
  return found === undefined ? Number.POSITIVE_INFINITY : found.bavail * found.bsize;
}

/** Our child that has the mark in its command line. */
async function findLeader(mark: string): Promise<string | undefined> {
  for (const child of (await lookAt("self")).children) {
    const line = await readFile(`/proc/${child}/cmdline`, "latin1").catch(() => "");
    if (line.includes(mark)) return child;
  }
  return undefined;
}

/**
 * Goes down from the first process; stops when there are too many. They come and go meanwhile, so it is an estimate:
 * those that were seen count, though they are gone when their turn comes.
 */
async function countFrom(leader: string, limits: Required<ShellLimits>): Promise<typeof NOTHING> {
  const open = [leader];
  let [processes, bytes] = [0, 0];
  for (let pid = open.pop(); pid !== undefined && processes <= limits.processes; pid = open.pop()) {
    const { children, threads } = await lookAt(pid);
    open.push(...children);
    processes += Math.max(threads, 1);
    bytes += await residentBytes(pid);
  }
  return { processes, bytes };
}

/** proc(5): each thread knows the processes that it started. */
async function lookAt(pid: string): Promise<{ readonly children: readonly string[]; readonly threads: number }> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    threads.map(async (thread) => await readFile(`/proc/${pid}/task/${thread}/children`, "latin1").catch(() => "")),
  );
  return { children: lists.flatMap((list) => list.split(" ")).filter((id) => id !== ""), threads: threads.length };
}

async function residentBytes(pid: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/mu.exec(status)?.[1] ?? 0) * 1024;
}
