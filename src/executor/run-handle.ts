import { userInfo } from "node:os";
import type { Json, RunId } from "../base/index.ts";
import type { RunFinished } from "../plan/index.ts";
import type { RunCommand } from "../run/index.ts";
import type { StoreReader } from "../store/index.ts";
import { demandReport, followEvents, type Changed } from "./reports.ts";
import type { By, Result, Run } from "./types.ts";

/** What a handle works through: a store to read, and a way to give orders. */
export interface Access {
  readonly reader: StoreReader;
  readonly changed: Changed;
  readonly order: (command: RunCommand) => Promise<void>;
  readonly ended: (run: RunId) => Promise<RunFinished>;
}

/** Gives the handle of a run that exists. */
export function createRun<Output>(access: Access, id: RunId): Run<Output> {
  const { reader, changed, order } = access;
  const events: Run["events"] = ({ from, signal } = {}) =>
    followEvents(reader, id, { changed, ...(from !== undefined && { from }), ...(signal !== undefined && { signal }) });
  const named = ({ by, why }: By = { by: defaultName() }): { run: RunId; by: string; why?: string } => ({
    run: id,
    by,
    ...(why !== undefined && { why }),
  });
  return {
    id,
    result: async () => toResult<Output>(await access.ended(id)),
    report: () => demandReport(reader, id),
    events,
    [Symbol.asyncIterator]: () => events()[Symbol.asyncIterator](),
    cancel: (by) => order({ type: "cancel", ...named(by) }),
    rollback: (by) => order({ type: "rollback", ...named(by) }),
    retry: (by) => order({ type: "retry", ...named(by) }),
    resume: (by) => order({ type: "resume", ...named(by) }),
    patch: (patch, by) => order({ type: "patch", patch, ...named(by) }),
  };
}

/** Orders without a name are given in that of the account. */
export function defaultName(): string {
  try {
    return userInfo().username;
  } catch {
    return "someone"; // an account without an entry, as in some containers
  }
}

/** The end of a run as its caller sees it. */
export function toResult<Output>(end: RunFinished): Result<Output> {
  if (end.tag === "succeeded") return { tag: "succeeded", output: toTyped<Output>(end.output ?? null) };
  return { tag: end.tag, why: end.why ?? "", undone: end.undone, notUndone: end.notUndone };
}

/** The plan's output has the type that its definition gave it; the journal keeps only JSON. */
function toTyped<Output>(output: Json): Output {
  return output as Output;
}
