import type { AgentBudget } from "../../agents/index.ts";
import { badValue } from "../parse-arguments.ts";
import { nearest } from "../suggest.ts";

const MINUTE_MS = 60_000;
const NAMES = ["usd", "tokens", "steps", "calls", "minutes"] as const;
const EXAMPLE = "usd=0.5,tokens=100000,steps=30,calls=50,minutes=10";

/** Reads `--budget usd=0.5,steps=30`. @throws {InputError} CLI_BAD_VALUE */
export function parseBudget(text: string): AgentBudget {
  const amounts: Partial<Record<(typeof NAMES)[number], number>> = {};
  for (const part of text.split(",")) {
    const [word = "", amount = "", ...more] = part.split("=").map((side) => side.trim());
    const name = NAMES.find((one) => one === word);
    const value = /^\d+(?:\.\d+)?$/u.test(amount) ? Number(amount) : Number.NaN;
    const isWhole = name === "usd" || name === "minutes" || Number.isSafeInteger(value);
    if (name === undefined || more.length > 0 || !(value > 0) || !isWhole) throw refuse(part, word);
    if (amounts[name] !== undefined) throw refuse(`${name} twice`, word);
    amounts[name] = value;
  }
  const { minutes, ...rest } = amounts;
  return { ...rest, ...(minutes !== undefined && { wallMs: Math.ceil(minutes * MINUTE_MS) }) };
}

function refuse(got: string, name: string): ReturnType<typeof badValue> {
  const near = NAMES.some((one) => one === name) ? undefined : nearest(name, NAMES);
  const fix = near === undefined ? `Write it as ${EXAMPLE}, without those you don't need.` : `Did you mean ${near}?`;
  return badValue("--budget", { expected: `amounts above 0, as ${EXAMPLE}`, got: JSON.stringify(got), fix });
}
