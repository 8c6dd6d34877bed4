import type { AgentBudget } from "../../agents/index.ts";
import { badValue } from "../parse-arguments.ts";
import { nearest } from "../suggest.ts";

const MINUTE_MS = 60_000;
const NAMES = ["usd", "tokens", "steps", "calls", "minutes"] as const;
const EXAMPLE = "usd=0.5,tokens=100000,steps=30,calls=50,minutes=10";

/** Reads `--budget usd=0.5,steps=30`. @throws {InputError} CLI_BAD_VALUE */
export function parseBudget(text: string): AgentBudget {
  const amounts: Partial<Record<Name, number>> = {};
  for (const part of text.split(",")) {
    const { name, amount } = parsePart(part);
    if (amounts[name] !== undefined) throw refuse(`${name} twice`, name);
    amounts[name] = amount;
  }
  const { minutes, ...rest } = amounts;
  return { ...rest, ...(minutes !== undefined && { wallMs: Math.ceil(minutes * MINUTE_MS) }) };
}

type Name = (typeof NAMES)[number];
/** The others count things. */
const FRACTIONAL: readonly Name[] = ["usd", "minutes"];

function parsePart(part: string): { readonly name: Name; readonly amount: number } {
  const [, word = "", digits = ""] = /^\s*(\w+)\s*=\s*(\d+(?:\.\d+)?)\s*$/u.exec(part) ?? [];
  const name = NAMES.find((one) => one === word);
  const amount = Number(digits);
  if (name === undefined || !(amount > 0)) throw refuse(part, word || (part.split("=")[0] ?? ""));
  if (!FRACTIONAL.includes(name) && !Number.isSafeInteger(amount)) throw refuse(part, name);
  return { name, amount };
}

function refuse(got: string, name: string): ReturnType<typeof badValue> {
  const near = NAMES.some((one) => one === name) ? undefined : nearest(name, NAMES);
  const fix = near === undefined ? `Write it as ${EXAMPLE}, without those you don't need.` : `Did you mean ${near}?`;
  return badValue("--budget", { expected: `amounts above 0, as ${EXAMPLE}`, got: JSON.stringify(got), fix });
}
