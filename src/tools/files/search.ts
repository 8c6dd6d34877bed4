import type { AttemptContext } from "../../action/index.ts";
import { RuntimeFailure } from "../../base/index.ts";
import { cutText } from "../net/read-text.ts";
import type { Desk } from "./desk.ts";
import { nameLabelsOf } from "./labels.ts";
import { childOf } from "./parts.ts";
import { readLabelled } from "./read-labelled.ts";
import { toText } from "./text.ts";

/** A line that contains the text. */
type Hit = { readonly path: string; readonly line: number; readonly text: string };

/** What a search found. */
export type Found = {
  readonly hits: readonly Hit[];
  readonly files: number;
  readonly skipped: number;
  readonly isCut: boolean;
};

const LONGEST_LINE_BYTES = 300;
const MOST_HITS = 100;
const MOST_FILES = 2_000;
const MOST_BYTES = 67_108_864;

interface Search {
  readonly desk: Desk;
  readonly wanted: string;
  readonly context: Pick<AttemptContext<unknown>, "label" | "alive" | "signal">;
  readonly hits: Hit[];
  files: number;
  bytes: number;
  skipped: number;
  isCut: boolean;
}

/** Searches a folder and all below it. The output has the labels of all that was searched: no hit tells something too. */
export async function searchFiles(
  desk: Desk,
  context: AttemptContext<{ readonly text: string; readonly path?: string }>,
): Promise<Found> {
  const { text: wanted, path: from = "" } = context.input;
  const search: Search = { desk, wanted, context, hits: [], files: 0, bytes: 0, skipped: 0, isCut: false };
  const open = [from];
  // The folder that was asked for must be there; what vanishes meanwhile is skipped.
  await desk.gateway.list(from);
  for (let folder = open.pop(); folder !== undefined && !search.isCut; folder = open.pop())
    open.push(...(await searchFolder(search, folder)));
  const { hits, files, skipped, isCut } = search;
  return { hits, files, skipped, isCut };
}

/** Gives the folders in it. */
async function searchFolder(search: Search, folder: string): Promise<readonly string[]> {
  const { desk, context } = search;
  const folders: string[] = [];
  const listing = await orSkip(search, () => desk.gateway.list(folder));
  search.isCut ||= listing?.isCut ?? false;
  for (const { name, type } of listing?.entries ?? []) {
    context.signal.throwIfAborted();
    const path = childOf(folder, name);
    if (type === "file") await searchFile(search, path);
    else {
      context.label(...(await nameLabelsOf(desk.vault, path)));
      folders.push(path);
    }
  }
  return folders.toReversed();
}

async function searchFile(search: Search, path: string): Promise<void> {
  if (search.files >= MOST_FILES || search.bytes >= MOST_BYTES || search.hits.length >= MOST_HITS) {
    search.isCut = true;
    return;
  }
  const { desk, context, wanted, hits } = search;
  context.alive();
  search.files += 1;
  await orSkip(search, async () => {
    const content = await readLabelled(desk, path, context);
    search.bytes += content.byteLength;
    const text = toText(content, path);
    if (!text.includes(wanted)) return;
    for (const [index, line] of text.split("\n").entries()) {
      if (!line.includes(wanted)) continue;
      if (hits.length < MOST_HITS) hits.push({ path, line: index + 1, text: cutText(line, LONGEST_LINE_BYTES).text });
      else search.isCut = true;
    }
  });
}

async function orSkip<T>(search: Search, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!RuntimeFailure.is(error) || error.failure !== "permanent") throw error;
    search.skipped += 1;
    return undefined;
  }
}
