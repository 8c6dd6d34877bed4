import { formatPath, isJsonObject, toExcerpt, type Json } from "../../base/index.ts";

/** One place where two values differ. */
export interface Difference {
  readonly path: string;
  readonly recorded: string;
  readonly asked: string;
}

interface Walk {
  readonly path: readonly (string | number)[];
  readonly found: Difference[];
  readonly most: number;
}

/** Gives the places where two values differ, at most so many. */
export function findDifferences(recorded: Json, asked: Json, most: number): readonly Difference[] {
  const found: Difference[] = [];
  compare(recorded, asked, { path: [], found, most });
  return found;
}

function compare(recorded: Json | undefined, asked: Json | undefined, walk: Walk): void {
  if (walk.found.length >= walk.most || recorded === asked) return;
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    const length = Math.max(recorded.length, asked.length);
    for (let at = 0; at < length; at++) compare(recorded[at], asked[at], under(walk, at));
  } else if (isJsonObject(recorded) && isJsonObject(asked)) {
    const keys = new Set([...Object.keys(recorded), ...Object.keys(asked)]);
    for (const key of keys) compare(recorded[key], asked[key], under(walk, key));
  } else walk.found.push({ path: formatPath(walk.path), ...show(recorded, asked) });
}

function under(walk: Walk, key: string | number): Walk {
  return { ...walk, path: [...walk.path, key] };
}

const BEFORE = 20;
const SHOWN = 60;

/** Shows both values from a little before the place where their texts part. */
function show(recorded: Json | undefined, asked: Json | undefined): Omit<Difference, "path"> {
  const [one, other] = [toText(recorded), toText(asked)];
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  const from = Math.max(0, same - BEFORE);
  const cut = (text: string): string => (from > 0 ? "…" : "") + toExcerpt(text.slice(from), SHOWN);
  return { recorded: cut(one), asked: cut(other) };
}

function toText(value: Json | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
