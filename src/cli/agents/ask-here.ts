import { createInterface } from "node:readline/promises";
import { InputError, isJsonObject, type Json } from "../../base/index.ts";
import { byOf } from "../by.ts";
import type { CliContext } from "../context.ts";
import type { Desk } from "../desk.ts";
import type { WaitReport } from "../../plan/index.ts";
import { brief, oneLine } from "../text.ts";
import { toAnswer } from "../to-answer.ts";

/**
 * Asks what a run waits for at the terminal, and gives the answers. Tells whether all could be asked: what became of an
 * effect whose outcome nobody knows takes more than a word.
 */
export async function askHere(context: CliContext, desk: Desk, waits: readonly WaitReport[]): Promise<boolean> {
  for (const wait of waits) {
    if (wait.kind === "unknown") return false;
    const value = await askUntilRight(context, desk, wait);
    if (value === undefined) return false;
    try {
      await desk.client().answer(wait.wait, { by: byOf(context).by, value });
    } catch (error) {
      // Someone else was faster, or it does not fit what is asked for: the run still stands there, and is asked again.
      if (!InputError.is(error)) throw error;
      context.say(oneLine(error.message));
    }
  }
  return true;
}

async function askUntilRight({ say }: CliContext, { interrupt }: Desk, wait: WaitReport): Promise<Json | undefined> {
  const choices = choicesOf(wait.answer);
  say(describe(wait));
  const hint = wait.answer === undefined ? "yes or no" : (choices?.join(", ") ?? "your answer");
  for (;;) {
    const text = await readLine(`${hint}> `, interrupt.signal);
    if (text === undefined) return undefined;
    try {
      if (text.trim() === "") continue;
      if (isText(wait.answer) || choices !== undefined) return text.trim();
      return toAnswer(text.trim(), wait);
    } catch (error) {
      if (!InputError.is(error)) throw error;
      say("Answer yes or no.");
    }
  }
}

function describe({ kind, show, node }: WaitReport): string {
  const { action, input, question } = isJsonObject(show) ? show : {};
  if (kind === "approval" && typeof action === "string")
    return `May it do this? ${oneLine(action)} ${brief(input ?? null, 2_000)}`;
  if (typeof question === "string") return oneLine(question);
  return `${oneLine(node)} asks ${brief(show, 2_000)}`;
}

function isText(answer: Json | undefined): boolean {
  return isJsonObject(answer) && answer["type"] === "string" && answer["enum"] === undefined;
}

function choicesOf(answer: Json | undefined): readonly string[] | undefined {
  const choices = isJsonObject(answer) ? answer["enum"] : undefined;
  return Array.isArray(choices) && choices.every((one) => typeof one === "string") ? choices : undefined;
}

/** One line from the terminal; undefined: its end, or a stop. A Ctrl-C at the prompt counts as one at the process. */
export async function readLine(prompt: string, signal: AbortSignal): Promise<string | undefined> {
  if (signal.aborted) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr, historySize: 0 });
  const ended = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
  lines.on("SIGINT", () => {
    process.once("SIGINT", () => lines.close()); // after those who listened before have heard it
    process.kill(process.pid, "SIGINT");
  });
  try {
    return await Promise.race([lines.question(prompt, { signal }).catch(() => undefined), ended]);
  } finally {
    lines.close();
  }
}
