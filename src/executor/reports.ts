import { InputError, toRunId, type RunId } from "../base/index.ts";
import { reportRun, updateReport, type RunReport, type WaitReport } from "../plan/index.ts";
import type { RunTag } from "../plan/index.ts";
import type { StoredEvent, StoreReader } from "../store/index.ts";

const PAGE = 1_000;
const OPEN: readonly RunTag[] = ["running", "waiting", "rolling-back", "cancelling", "suspended"];

/** Reads what has come to a report since it was last read; undefined: there is no such run. */
export async function readReport(reader: StoreReader, run: RunId, known?: RunReport): Promise<RunReport | undefined> {
  let report = known;
  for (;;) {
    const page = await reader.read(run, { from: (report?.seq ?? 0) + 1, limit: PAGE });
    for (const { event } of page) {
      if (report === undefined) report = await beginReport(reader, event);
      else updateReport(report, event);
    }
    if (page.length < PAGE) return report;
  }
}

async function beginReport(reader: StoreReader, event: StoredEvent["event"]): Promise<RunReport | undefined> {
  const graph = event.type === "run-created" ? await reader.plan(event.plan) : undefined;
  return graph === undefined ? undefined : reportRun(graph, event);
}

/** Reads a report, or says that there is no such run. */
export async function demandReport(reader: StoreReader, run: string): Promise<RunReport> {
  const report = await readReport(reader, toRunId(run));
  if (report !== undefined) return report;
  throw new InputError("RUN_NOT_FOUND", `There is no run ${run} in this state folder. \`pawl runs ls\` lists them.`);
}

/** All questions and pauses that are open in a store, oldest first. */
async function openWaits(reader: StoreReader): Promise<readonly WaitReport[]> {
  const waits: WaitReport[] = [];
  for (const { run } of await reader.list({ states: OPEN, limit: 10_000 })) {
    const report = await readReport(reader, run);
    if (report !== undefined) waits.push(...report.waits.values());
  }
  return waits.toSorted((a, b) => a.openedAt - b.openedAt);
}

/** Tells when there may be something new to read: after commits of one's own process, or of another. */
export type Changed = (signal: AbortSignal | undefined) => Promise<void>;

/** A run's journal from a record on, and what comes, until the run has ended. */
export async function* followEvents(
  reader: StoreReader,
  run: RunId,
  { from = 1, signal, changed }: { readonly from?: number; readonly signal?: AbortSignal; readonly changed: Changed },
): AsyncGenerator<StoredEvent, void, undefined> {
  let next = from;
  for (; !isAborted(signal);) {
    const summary = await reader.summary(run);
    const page = await reader.read(run, { from: next, limit: PAGE });
    for (const stored of page) {
      yield stored;
      next = stored.seq + 1;
    }
    if (page.length === PAGE) continue;
    if (summary === undefined || (!OPEN.includes(summary.tag) && next > summary.head)) return;
    if (page.length === 0) await changed(signal);
  }
}

/** The waits that are open, and those that open while one listens. */
export async function* followWaits(
  reader: StoreReader,
  {
    follow = false,
    signal,
    changed,
  }: { readonly follow?: boolean; readonly signal?: AbortSignal; readonly changed: Changed },
): AsyncGenerator<WaitReport, void, undefined> {
  const seen = new Set<string>();
  for (; !isAborted(signal);) {
    // Before it looks: what opens while it does, or while whoever listens is busy, must not be missed.
    const news = follow ? changed(signal) : undefined;
    for (const wait of await openWaits(reader)) {
      if (wait.kind === "timer" || seen.has(wait.wait)) continue;
      seen.add(wait.wait);
      yield wait;
    }
    if (news === undefined) return;
    await news;
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
