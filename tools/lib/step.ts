import { spawn } from "node:child_process";
import { ROOT } from "./paths.ts";

/** One thing to run for its exit code: a JavaScript or TypeScript file of the repository and its arguments. */
export interface Step {
  readonly name: string;
  readonly file: string;
  readonly args?: readonly string[];
}

/** How a step ended. `output` holds what it printed, both streams in the order in which they came. */
export interface StepOutcome {
  readonly name: string;
  readonly hasPassed: boolean;
  readonly output: string;
  readonly tookMs: number;
}

/** Runs a step with this Node and gives how it ended; never throws for a failing step. */
export async function runStep(step: Step): Promise<StepOutcome> {
  const begin = performance.now();
  const { code, output } = await capture([process.execPath, step.file, ...(step.args ?? [])]);
  return { name: step.name, hasPassed: code === 0, output, tookMs: performance.now() - begin };
}

/** Runs a check that is written as a function: it passes unless it throws, and what it gives is its output. */
export async function runCheck(name: string, check: () => Promise<string>): Promise<StepOutcome> {
  const begin = performance.now();
  const { hasPassed, output } = await check().then(
    (text) => ({ hasPassed: true, output: text }),
    (error: unknown) => ({ hasPassed: false, output: error instanceof Error ? error.message : String(error) }),
  );
  return { name, hasPassed, output, tookMs: performance.now() - begin };
}

/** Runs a command line from the repository's root without input; gives its exit code (1 for a signal) and output. */
export async function capture(command: readonly string[]): Promise<{ code: number; output: string }> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const { promise, resolve } = Promise.withResolvers<number>();
  child.on("error", (error) => {
    chunks.push(Buffer.from(`Cannot run ${file}: ${error.message}\n`));
    resolve(1);
  });
  child.on("close", (code) => resolve(code ?? 1));
  return { code: await promise, output: Buffer.concat(chunks).toString("utf8") };
}

/** Runs all steps, at most `width` at a time, and reports each as it ends. The outcomes keep the steps' order. */
export async function runAll(steps: readonly Step[], width: number): Promise<StepOutcome[]> {
  const outcomes: StepOutcome[] = [];
  const waiting = steps.entries();
  const work = async (): Promise<void> => {
    for (const [index, step] of waiting) {
      outcomes[index] = await runStep(step);
      report(outcomes[index]);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return outcomes;
}

/** Prints one line about an outcome, and its whole output if it failed. */
export function report(outcome: StepOutcome): void {
  const seconds = (outcome.tookMs / 1000).toFixed(1);
  console.log(`${outcome.hasPassed ? "ok    " : "FAILED"} ${outcome.name} (${seconds} s)`);
  if (!outcome.hasPassed) console.log(outcome.output.trimEnd());
}
