import { DefectError, InputError, type RunId } from "../base/index.ts";
import type { RunCreated } from "../plan/index.ts";
import { badName, checkSize, isName, STORE_LIMITS } from "./limits.ts";
import { checkRecord } from "./collections.ts";
import type { Batch, InboxCommand, RunAppend } from "./port.ts";

/**
 * Refuses what the limits forbid, before anything is written; the store lives on.
 *
 * @throws {InputError} VALUE_TOO_LARGE, BAD_RUN_ID, BAD_INPUT
 */
export function checkBatch(batch: Batch): void {
  for (const append of batch.runs) checkAppend(append);
  for (const plan of batch.plans ?? []) checkSize(`a plan graph (${plan.graph.name})`, plan.graph);
  for (const entry of batch.ledger ?? []) checkSize("an output in the effect ledger", entry);
  for (const { result } of batch.results ?? []) checkSize("a command's result", result);
  batch.records?.forEach(checkRecord);
}

/** The same for a command. */
export function checkCommand(command: InboxCommand): void {
  if (!isName(command.id)) throw badName("command id", command.id);
  checkSize("a command", command);
}

function checkAppend(append: RunAppend): void {
  const last = append.from + append.events.length - 1;
  if (last > STORE_LIMITS.eventsPerRun) {
    throw tooMany(`events in run "${append.run}"`, STORE_LIMITS.eventsPerRun, last);
  }
  for (const event of append.events) {
    checkSize(`an event (${event.type}) of run "${append.run}"`, event);
    if (event.type === "run-created") checkCreated(append.run, event);
  }
}

function checkCreated(run: RunId, event: RunCreated): void {
  if (!isName(run)) throw badName("run id", run);
  if (event.tags.length > STORE_LIMITS.tagsPerRun) {
    throw tooMany(`tags on run "${run}"`, STORE_LIMITS.tagsPerRun, event.tags.length);
  }
  for (const tag of event.tags) if (!isName(tag)) throw badName("tag", tag);
}

function tooMany(what: string, limit: number, got: number): InputError {
  return new InputError(
    "VALUE_TOO_LARGE",
    `Expected at most ${limit} ${what}, got ${got}. Split the work into more runs.`,
  );
}

/**
 * Gives the event that makes a run: the first of its journal, and no other.
 *
 * @throws {DefectError} JOURNAL_GAP
 */
export function createdBy(append: RunAppend): RunCreated {
  const event = append.events[0];
  if (event?.type === "run-created" && event.run === append.run) return event;
  throw new DefectError(
    "JOURNAL_GAP",
    `Expected the journal of run "${append.run}" to begin with its own run-created, got ${event?.type ?? "nothing"}. ` +
      "Nothing was written.",
  );
}
