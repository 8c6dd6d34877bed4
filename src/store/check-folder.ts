import { RuntimeFailure, type RunId } from "../base/index.ts";
import type { RunQuery, StoreProblem, StoreReader } from "./port.ts";

const PAGE = 1_000;

/**
 * Goes through a whole store, a page at a time, and gives each problem of its journals: broken chains, heads that don't
 * match, lost lines. What the events mean together is for the core to check.
 *
 * @throws {DefectError} STORE_FAILED where the store can't be read at all.
 */
export async function* checkFolder(reader: StoreReader): AsyncGenerator<StoreProblem> {
  if (reader.audit !== undefined) yield* await reader.audit();
  let after: RunId | undefined;
  do {
    const query: RunQuery = after === undefined ? { limit: PAGE } : { limit: PAGE, after };
    const page = await reader.list(query);
    for (const { run } of page) {
      const problem = await checkRun(reader, run);
      if (problem !== undefined) yield problem;
    }
    after = page.length < PAGE ? undefined : page.at(-1)?.run;
  } while (after !== undefined);
}

/** Follows one journal to its end. */
async function checkRun(reader: StoreReader, run: RunId): Promise<StoreProblem | undefined> {
  try {
    let from = 1;
    for (;;) {
      const page = await reader.read(run, { from, limit: PAGE });
      if (page.length < PAGE) return undefined;
      from += page.length;
    }
  } catch (error) {
    if (!RuntimeFailure.is(error) || error.code !== "JOURNAL_DAMAGED") throw error;
    return { run, code: error.code, message: error.message };
  }
}
