import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../tools/lib/paths.ts";

const POLL_MS = 2;

/** Starting takes most of the time: what was compiled once is kept for the next start. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), "pawl-kill-compiled") };

/** How a process of the command line ended, and what it had said. */
export interface Ending {
  readonly code: number | null;
  readonly wasKilled: boolean;
  readonly said: string;
}

/** Runs the real command line until it ends, or until `isTime`; then its process group is killed, as a power cut would. */
export async function runPawl(args: readonly string[], isTime: () => Promise<boolean>): Promise<Ending> {
  const child = spawn(process.execPath, [join(ROOT, "bin", "pawl.cjs"), ...args], {
    cwd: ROOT,
    detached: true,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const hear = (chunk: Buffer): void => {
    said += chunk.toString("utf8");
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", reject);
  child.on("exit", resolve);
  let wasKilled = false;
  while (child.exitCode === null && child.signalCode === null) {
    if (await isTime()) {
      wasKilled = killGroup(child.pid);
      break;
    }
    await sleep(POLL_MS);
  }
  const code = await promise;
  return { code, wasKilled: wasKilled && child.signalCode === "SIGKILL", said };
}

function killGroup(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false; // it was gone already
  }
}
