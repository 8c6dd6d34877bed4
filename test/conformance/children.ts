import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** A process of store-child.ts, or of a tool around it. */
export interface Child {
  readonly process: ChildProcess;
  /** The next line that it prints, or undefined at its end. */
  readonly next: () => Promise<Record<string, unknown> | undefined>;
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
  readonly ended: Promise<void>;
}

const script = join(import.meta.dirname, "store-child.ts");

/** Starts store-child.ts, by itself or under a tool such as strace. */
export function startChild(mode: string, dir: string, under: readonly string[] = []): Child {
  const own = [process.execPath, "--no-warnings", script, mode, dir];
  const [tool, ...options] = under;
  const [command, args] = tool === undefined ? [process.execPath, own.slice(1)] : [tool, [...options, ...own]];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], detached: true });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    process: child,
    ended,
    next: async () => {
      const line = await lines.next();
      if (line.done === true) return undefined;
      const fact: Record<string, unknown> = JSON.parse(line.value);
      return fact;
    },
    kill: async (signal) => {
      signalGroup(child, signal);
      if (signal === "SIGKILL") await ended;
    },
  };
}

/** A tool that is killed alone would let the process under it go on. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** Makes a folder of its own for a test, which is removed after it. */
export function scratch(): Disposable & { readonly dir: string } {
  const base = mkdtempSync(join(tmpdir(), "pawl-store-"));
  return { dir: join(base, "state"), [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }) };
}
