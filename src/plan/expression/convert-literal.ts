import { isForbiddenKey, type Json } from "../../base/index.ts";
import { describe, fail, spend, type Evaluate, type Frame } from "./frame.ts";
import { refuse, weigh, type Level, type NodeOf, type Part } from "./part.ts";

/** Room for a new value has to be found, and collected later. */
const COST_OF_LIST = 2;
const COST_OF_MAP = 4;

/** Converts `[a, b]`. */
export function convertList(node: NodeOf<"list">, level: Level): Part {
  const parts = node.args.map((item) => level.convert(item, level));
  const run: Evaluate = (frame) => {
    const list: Json[] = [];
    for (const part of parts) {
      const value = part.run(frame);
      if (value === undefined) return undefined;
      list.push(value);
    }
    return list;
  };
  return { run, weight: COST_OF_LIST + weigh(parts), makes: true };
}

/** Converts `{"a": b}`. */
export function convertMap(node: NodeOf<"map">, level: Level): Part {
  const entries = node.args.map(([key, value]) => ({
    key: level.convert(key, level),
    value: level.convert(value, level),
  }));
  const seen = new Set<Json>();
  for (const [index, { key }] of entries.entries()) {
    const range = node.args[index]?.[0] ?? node;
    const { constant } = key;
    if (constant === undefined) continue;
    if (typeof constant !== "string" || isForbiddenKey(constant) || seen.has(constant)) {
      const fix = "JSON maps have text as keys, each once, and none that could change what objects inherit.";
      refuse(level, range, { expected: "a new text as key", fix });
    }
    seen.add(constant);
  }
  const parts = entries.flatMap(({ key, value }) => [key, value]);
  return { run: (frame) => makeMap(frame, entries), weight: COST_OF_MAP + 2 * weigh(parts), makes: true };
}

function makeMap(frame: Frame, entries: readonly { readonly key: Part; readonly value: Part }[]): Json | undefined {
  const map: Record<string, Json> = {};
  for (const entry of entries) {
    const key = entry.key.run(frame);
    const value = key === undefined ? undefined : entry.value.run(frame);
    if (key === undefined || value === undefined) return undefined;
    if (typeof key !== "string" || isForbiddenKey(key) || Object.hasOwn(map, key)) return failKey(frame, key);
    if (!spend(frame, key.length >> 4)) return undefined;
    map[key] = value;
  }
  return map;
}

function failKey(frame: Frame, key: Json): undefined {
  return fail(frame, () => ({ where: "the key of a map", expected: "a new and harmless text", got: describe(key) }));
}
