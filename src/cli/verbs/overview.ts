import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunTag } from "../../plan/index.ts";
import { dirFlag } from "../advice.ts";
import { loadConfig } from "../config.ts";
import { folderOf, type CliContext } from "../context.ts";
import { readDesk } from "../desk.ts";
import { EXIT } from "../exit-codes.ts";
import { table } from "../table.ts";
import { oneLine, toJsonText } from "../text.ts";
import { paintTag } from "../words.ts";

const LATEST = 5;
const MOST = 10_000;

/** Bare `pawl`: what is in this folder, or how to begin. */
export async function performOverview(context: CliContext): Promise<number> {
  const { shown, full } = folderOf(context, (await loadConfig(context)).dir);
  if (existsSync(join(full, "pawl.db"))) return showFolder(context);
  if (context.isJson) context.write(toJsonText({ dir: shown, exists: false, runs: {}, waits: 0 }));
  else for (const line of welcome(shown)) context.write(line);
  return EXIT.ok;
}

function welcome(shown: string): readonly string[] {
  return [
    `Nothing has run in ${oneLine(shown)} yet.`,
    "",
    "  pawl demo       see it work: an approval, a rollback and a kill -9; no key, no network",
    "  pawl run FILE   run a plan file",
    "  pawl agent …    let an agent work on a goal; pawl models ls says which models can be asked",
    "  pawl --help     all verbs",
  ];
}

async function showFolder(context: CliContext): Promise<number> {
  const { write, paint, isJson } = context;
  const { client, folder } = await readDesk(context);
  try {
    const runs = await client.runs({ limit: MOST });
    const counts = new Map<RunTag, number>();
    for (const { tag } of runs) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    let waits = 0;
    for await (const _ of client.waits()) waits += 1;
    if (isJson) {
      write(toJsonText({ dir: folder, exists: true, runs: Object.fromEntries(counts), waits }));
      return EXIT.ok;
    }
    write(`${oneLine(folder)}: ${[...counts].map(([tag, count]) => `${count} ${tag}`).join(", ") || "no runs"}`);
    const latest = runs.slice(0, LATEST);
    for (const line of table(
      latest.map(({ run, tag, planName }) => [` `, paintTag(tag, paint), oneLine(run), oneLine(planName)]),
    ))
      write(line);
    for (const line of hints(counts, { waits, at: dirFlag(folder) })) write(line);
    return EXIT.ok;
  } finally {
    await client.close();
  }
}

function hints(
  counts: ReadonlyMap<RunTag, number>,
  { waits, at }: { readonly waits: number; readonly at: string },
): readonly string[] {
  const has = (...tags: readonly RunTag[]): boolean => tags.some((tag) => counts.has(tag));
  return [
    "",
    ...(waits > 0
      ? [`  pawl inbox${at}      ${waits === 1 ? "a question waits" : `${waits} questions wait`} for someone`]
      : []),
    ...(has("running", "rolling-back", "cancelling", "suspended")
      ? [`  pawl resume${at}     take up what is unfinished`]
      : []),
    ...(has("rollback-stuck") ? [`  pawl runs ls --state rollback-stuck${at}   undos that need someone`] : []),
    `  pawl runs ls${at}    all runs`,
  ];
}
