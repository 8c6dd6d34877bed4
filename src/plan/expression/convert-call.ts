import type { ASTNode } from "@marcbachmann/cel-js";
import { convertHas } from "./convert-access.ts";
import type { Evaluate } from "./frame.ts";
import { FUNCTIONS, METHODS, type NamedFunction } from "./functions.ts";
import { comprehend, isMacro } from "./macros.ts";
import { makesAny, refuse, weigh, type Level, type NodeOf, type Part } from "./part.ts";

const MAX_NESTING = 2;

/** Why well-known functions of CEL are not here, and what to do instead. */
const ADVICE: Readonly<Record<string, string>> = {
  matches: "Regular expressions can take unbounded time: use startsWith, endsWith or contains.",
  timestamp: "Compare dates as ISO 8601 text in UTC, or do this in an action.",
  duration: "Calculate with milliseconds as numbers, or do this in an action.",
  bytes: "Keep bytes as text, such as base64.",
  uint: "All numbers are JSON numbers: use int() or double().",
  type: 'Find out with has(...), or compare: x == null, x == "text".',
  bool: 'Compare instead: x == "true".',
  split: "Do this in an action, or let the list come as a list.",
  replace: "Do this in an action.",
};

/** Converts `name(...)`. */
export function convertCall(node: NodeOf<"call">, level: Level): Part {
  const [name, values] = node.args;
  if (name === "has") return convertHas(node, level);
  return convertNamed(node, level, { name, values, table: FUNCTIONS });
}

/** Converts `receiver.name(...)`, macros included. */
export function convertMethod(node: NodeOf<"rcall">, level: Level): Part {
  const [name, receiver, values] = node.args;
  if (isMacro(name)) return convertMacro(node, level);
  return convertNamed(node, level, { name, values: [receiver, ...values], table: METHODS });
}

interface Call {
  readonly name: string;
  readonly values: readonly ASTNode[];
  readonly table: Readonly<Record<string, NamedFunction>>;
}

function convertNamed(node: ASTNode, level: Level, { name, values, table }: Call): Part {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) {
    const fix = Object.hasOwn(ADVICE, name) ? ADVICE[name] : undefined;
    const expected = `one of the functions ${Object.keys(table).join(", ")}`;
    return refuse(level, node, { expected, fix: fix ?? "Use one of these, or do this work in an action." });
  }
  if (values.length !== found.count) {
    const isMethod = table === METHODS;
    const count = isMethod ? found.count - 1 : found.count;
    const expected = `${name}() with ${count} argument${count === 1 ? "" : "s"}`;
    return refuse(level, node, { expected, fix: "Correct the number of arguments." });
  }
  const parts = values.map((value) => level.convert(value, level));
  return { run: callPart(found, parts), weight: weigh(parts), makes: false };
}

function callPart({ run }: NamedFunction, parts: readonly Part[]): Evaluate {
  const [value, argument] = parts;
  return (frame) => {
    const first = value?.run(frame);
    if (first === undefined) return undefined;
    const second = argument === undefined ? null : argument.run(frame);
    return second === undefined ? undefined : run(frame, first, second);
  };
}

function convertMacro(node: NodeOf<"rcall">, level: Level): Part {
  const [name, receiver, [variable, ...bodies]] = node.args;
  const isCounted = bodies.length === 1 || (name === "map" && bodies.length === 2);
  if (variable?.op !== "id" || !isCounted || variable.args === "input" || variable.args === "nodes") {
    const fix = "Name the variable first, neither input nor nodes, as in input.items.all(item, item.ok).";
    return refuse(level, node, { expected: `${name}(variable, expression)`, fix });
  }
  if (level.variables.length >= MAX_NESTING) {
    const expected = `at most ${MAX_NESTING} of all, exists, exists_one, map and filter inside each other`;
    return refuse(level, node, { expected, fix: "Split it over several nodes, or do this work in an action." });
  }
  const list = level.convert(receiver, level);
  const inner = { ...level, variables: [...level.variables, variable.args] };
  return macroPart(name, list, { level, parts: bodies.map((body) => level.convert(body, inner)) });
}

interface Bodies {
  readonly level: Level;
  readonly parts: readonly Part[];
}

function macroPart(name: string, list: Part, { level, parts }: Bodies): Part {
  const body = parts.at(-1);
  if (body === undefined) return list;
  const run = comprehend(name, {
    receiver: list.run,
    slot: level.variables.length,
    condition: parts.length === 2 ? parts[0]?.run : undefined,
    body: body.run,
    weight: weigh(parts),
  });
  return { run, weight: weigh([list]) + 1, makes: name === "map" || (name === "filter" && makesAny([list])) };
}
