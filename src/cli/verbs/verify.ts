import { resolve } from "node:path";
import { RuntimeFailure } from "../../base/index.ts";
import { createSqliteDriver } from "../../drivers/sqlite/index.ts";
import { checkJournal } from "../../plan/index.ts";
import { createRegistry } from "../../run/index.ts";
import { checkFolder, type StoreProblem, type StoreReader } from "../../store/index.ts";
import { builtInTools } from "../../tools/index.ts";
import { loadActions } from "../actions.ts";
import { loadConfig } from "../config.ts";
import { folderOf, type CliContext } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { parseRunId } from "../../store/index.ts";
import { InputError, type RunId } from "../../base/index.ts";
import type { NatureOf, RunEvent } from "../../plan/index.ts";
import { oneLine, toJsonText } from "../text.ts";

const PAGE = 1_000;

/** `pawl verify [ID]`: 0 if every journal holds what is promised, 1 if not. */
export async function performVerify(context: CliContext): Promise<number> {
  const [only] = context.arguments;
  const config = await loadConfig(context);
  const folder = resolve(folderOf(context, config.dir).full);
  const driver = createSqliteDriver({ dir: folder });
  const reader = await driver.read();
  try {
    const { natureOf } = createRegistry([...builtInTools, ...(await loadActions(config, driver))]);
    const problems: StoreProblem[] = [];
    for await (const problem of checkFolder(reader)) if (isWanted(problem, only)) problems.push(problem);
    const runs = only === undefined ? await allRuns(reader) : [await known(reader, only)];
    const damaged = new Set(problems.map(({ run }) => run));
    for (const run of runs) if (!damaged.has(run)) problems.push(...(await checkRun(reader, run, natureOf)));
    tell(context, runs.length, problems);
    return problems.length === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    await reader.close();
  }
}

function isWanted({ run }: StoreProblem, only: string | undefined): boolean {
  return only === undefined || run === undefined || run === only;
}

async function known(reader: StoreReader, id: string): Promise<RunId> {
  const run = parseRunId(id);
  if ((await reader.summary(run)) !== undefined) return run;
  throw new InputError("RUN_NOT_FOUND", `There is no run ${id} in this state folder. \`pawl runs ls\` lists them.`);
}

async function allRuns(reader: StoreReader): Promise<readonly RunId[]> {
  const runs: RunId[] = [];
  for (;;) {
    const after = runs.at(-1);
    const page = await reader.list(after === undefined ? { limit: PAGE } : { limit: PAGE, after });
    runs.push(...page.map(({ run }) => run));
    if (page.length < PAGE) return runs;
  }
}

async function checkRun(reader: StoreReader, run: RunId, natureOf: NatureOf): Promise<readonly StoreProblem[]> {
  try {
    const events: RunEvent[] = (await reader.read(run)).map(({ event }) => event);
    const [created] = events;
    const graph = created?.type === "run-created" ? await reader.plan(created.plan) : undefined;
    if (graph === undefined)
      return [{ run, code: "PLAN_MISSING", message: "The plan of this run is not in the store." }];
    return checkJournal(graph, events, { natureOf }).map((message) => ({ run, code: "INVARIANT", message }));
  } catch (error) {
    if (!RuntimeFailure.is(error)) throw error;
    return [{ run, code: error.code, message: error.message }];
  }
}

function tell({ isJson, write, paint }: CliContext, runs: number, problems: readonly StoreProblem[]): void {
  const isSound = problems.length === 0;
  if (isJson) {
    const listed = problems.map(({ run, code, message }) => ({ run: run ?? null, code, message }));
    return write(toJsonText({ ok: isSound, runs, problems: listed }));
  }
  for (const { run, code, message } of problems)
    write(`${paint("red", "✗")} ${run === undefined ? "" : `${oneLine(run)}: `}${oneLine(message)} [${code}]`);
  write(
    isSound
      ? `${paint("green", "✓")} ${runs} runs checked, nothing wrong`
      : `${problems.length} problems in ${runs} runs`,
  );
}
