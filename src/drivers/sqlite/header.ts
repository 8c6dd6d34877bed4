import { sha256, toHash, toInstant, toRunId, type Hash, type RunId } from "../../base/index.ts";
import { journalDamaged, type RunSummary, type RunTag } from "../../store/index.ts";
import { number, text, textOrNone, type Row } from "./rows.ts";

/** The states of runs that have not ended. The index `runs_open` of the schema holds these runs. */
export const OPEN_TAGS: readonly RunTag[] = ["running", "waiting", "rolling-back", "cancelling", "suspended"];

const openTags: ReadonlySet<string> = new Set(OPEN_TAGS);
const knownTags: ReadonlySet<string> = new Set<RunTag>([
  ...OPEN_TAGS,
  "succeeded",
  "failed",
  "rolled-back",
  "rollback-stuck",
  "cancelled",
]);

/** What of a run's line never changes. */
export interface RunBirth {
  readonly run: RunId;
  readonly plan: Hash;
  readonly planName: string;
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly parent: RunId | undefined;
}

/** What changes with each commit. */
export interface RunHead {
  readonly tag: string;
  readonly updatedAt: number;
  readonly seq: number;
  readonly hash: string;
}

/** A run's line as it was read. */
export interface Header extends RunSummary {
  readonly no: number;
}

/** The unchanging part of what a run's seal covers. */
export function sealBase(birth: RunBirth): string {
  return JSON.stringify([birth.run, birth.plan, birth.planName, birth.tags, birth.createdAt, birth.parent ?? null]);
}

/** The checksum of a run's line. */
export function sealHeader(base: string, head: RunHead): Hash {
  return sha256(`${base}\n${head.tag}\n${head.updatedAt}\n${head.seq}\n${head.hash}`);
}

/** Reads a run's line; `damaged` is set where it does not match its seal. */
export function readHeader(row: Row): Header {
  const birth = {
    run: toRunId(text(row, "id")),
    plan: toHash(text(row, "plan")),
    planName: text(row, "plan_name"),
    tags: readTags(text(row, "tags")),
    createdAt: number(row, "created_at"),
    parent: parentOf(row),
  };
  const tag = text(row, "tag");
  const head = { tag, updatedAt: number(row, "updated_at"), seq: number(row, "head"), hash: text(row, "head_hash") };
  const isWhole = isTag(tag) && sealHeader(sealBase(birth), head) === row["seal"];
  return {
    ...birth,
    no: number(row, "no"),
    createdAt: toInstant(birth.createdAt),
    tag: isTag(tag) ? tag : "suspended",
    updatedAt: toInstant(head.updatedAt),
    head: head.seq,
    headHash: toHash(head.hash),
    ...(isWhole ? {} : { damaged: true }),
  };
}

/** @throws {DefectError} JOURNAL_DAMAGED if the line does not match its seal. */
export function mustBeWhole(header: Header): Header {
  if (header.damaged === undefined) return header;
  throw journalDamaged(`Run "${header.run}"`, "its line in the list of runs does not match its seal");
}

/** Tells whether a run in this state has not ended. */
export function isOpenTag(tag: string): boolean {
  return openTags.has(tag);
}

/** Leaves out what only the driver needs. */
export function toSummary({ no: _no, ...summary }: Header): RunSummary {
  return summary;
}

function isTag(tag: string): tag is RunTag {
  return knownTags.has(tag);
}

function readTags(json: string): readonly string[] {
  try {
    const tags: unknown = JSON.parse(json);
    return Array.isArray(tags) ? tags.map(String) : [];
  } catch {
    return []; // the seal won't match, which is the better complaint
  }
}

function parentOf(row: Row): RunId | undefined {
  const parent = textOrNone(row, "parent");
  return parent === undefined ? undefined : toRunId(parent);
}
