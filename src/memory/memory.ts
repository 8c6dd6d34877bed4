import type { DatabaseSync } from "node:sqlite";
import { joinLabels, NO_LABELS, type Label } from "../action/index.ts";
import { InputError, sha256 } from "../base/index.ts";
import type { Embedder } from "../models/index.ts";
import { deleteRows, insertRow, observe, openDatabase, readRows, setLabels, unobserve, type Row } from "./database.ts";
import type { Entry, Forget, NewEntry, Query } from "./entry.ts";
import { searchText, searchVectors } from "./search.ts";
import { cosine, normalise, overlap } from "./similar.ts";

/** What a memory is opened with. */
export interface MemoryOptions {
  /** Its database, such as `.pawl/memory.db`; `:memory:` is forgotten with the process. */
  readonly file: string;
  /** Who may see it. Default: one tenant. */
  readonly tenant?: string;
  /** Makes vectors of texts. Absent: full text search. */
  readonly embedder?: Embedder;
  /** Runs that must have observed a lesson before it counts. Default 2. */
  readonly observations?: number;
  /** Entries older than this are deleted, in milliseconds. */
  readonly maxAgeMs?: number;
  /** Beyond these the oldest are deleted. Default 10,000. */
  readonly maxEntries?: number;
  readonly now?: () => number;
}

/** Something learnt, from one run. */
export interface Lesson {
  readonly kind: string;
  readonly text: string;
  readonly run: string;
  readonly labels?: readonly Label[];
}

/** A memory of one tenant, on disk. */
export interface Memory {
  /** Writes a fact down, once for an id. */
  readonly remember: (entry: NewEntry) => Promise<void>;
  /** What fits best. Of lessons only those that enough runs have observed: one observation is no lesson. */
  readonly recall: (query: Query) => Promise<readonly Entry[]>;
  /** Notes that a run observed something: the same or nearly the same as before counts for that. Gives its id. */
  readonly learn: (lesson: Lesson) => Promise<string>;
  /** A run saw the contrary of a lesson. */
  readonly contradict: (id: string, run: string) => void;
  /** Takes back what a run observed, as its undo does. */
  readonly unlearn: (run: string) => void;
  /** Deletes for good all that fits; nothing given: everything of this tenant. Gives how many. */
  readonly forget: (what?: Forget) => number;
  readonly all: () => readonly Entry[];
  readonly close: () => void;
}

/** Two lessons with so many words in common are one. */
const SAME_WORDS = 0.6;
/** Or with vectors so close. */
const SAME_MEANING = 0.92;

/** An open memory's insides. */
interface Core {
  readonly database: DatabaseSync;
  readonly tenant: string;
  readonly options: MemoryOptions;
  readonly now: () => number;
}

/**
 * Opens a memory. Writing is an effect like any other: it is done by actions with keys and undos, so it needs no part in
 * the journal's transactions, and any process may open it.
 */
export function openMemory(options: MemoryOptions): Memory {
  const { file, tenant = "", now = Date.now } = options;
  const core: Core = { database: openDatabase(file), tenant, options, now };
  return {
    remember: (entry) => remember(core, entry),
    recall: (query) => recall(core, query),
    learn: (lesson) => learn(core, lesson),
    contradict: (id, run) => observe(core.database, tenant, { id, run: `${run} (contrary)`, weight: -1 }),
    unlearn: (run) => unlearn(core, run),
    forget: (what = {}) => forget(core, what),
    all: () => standing(core).map(({ entry }) => entry),
    close: () => core.database.close(),
  };
}

/** What has not expired. */
function standing({ database, tenant, now }: Core, where: Parameters<typeof readRows>[2] = {}): readonly Row[] {
  return readRows(database, tenant, where).filter(({ entry }) => (entry.expiresAt ?? Infinity) > now());
}

async function vectorOf({ options: { embedder } }: Core, text: string): Promise<Float32Array | undefined> {
  if (embedder === undefined) return undefined;
  const [vector] = await embedder.embed([text], { signal: AbortSignal.timeout(60_000) });
  return vector;
}

async function remember(core: Core, { id, kind, text, run, labels = NO_LABELS, expiresMs }: NewEntry): Promise<void> {
  checkText(text);
  const createdAt = core.now();
  const expiresAt = expiresMs === undefined ? undefined : createdAt + expiresMs;
  const entry = { id, kind, type: "fact", text, labels, run, createdAt, expiresAt, weight: 0 } as const;
  write(core, { entry, vector: await vectorOf(core, text) });
}

async function recall(core: Core, { text, kind, type, most = 5, labels }: Query): Promise<readonly Entry[]> {
  const { observations = 2 } = core.options;
  const isAllowed = ({ entry }: Row): boolean =>
    labels === undefined || entry.labels.every((label) => labels.includes(label));
  const counts = ({ entry }: Row): boolean => entry.type === "fact" || entry.weight >= observations;
  const rows = standing(core, { kind, type }).filter((row) => isAllowed(row) && counts(row));
  const vector = await vectorOf(core, text);
  const hits = vector === undefined ? searchText(rows, text) : searchVectors(rows, vector);
  return hits.slice(0, most).map(({ row }) => row.entry);
}

async function learn(core: Core, { kind, text, run, labels = NO_LABELS }: Lesson): Promise<string> {
  checkText(text);
  const vector = await vectorOf(core, text);
  const known = standing(core, { kind, type: "lesson" }).find((row) => isSame(row, text, vector));
  const id = known?.entry.id ?? `lesson-${sha256(`${kind}\n${normalise(text)}`).slice(0, 16)}`;
  const fresh = {
    id,
    kind,
    type: "lesson",
    text,
    labels,
    run,
    createdAt: core.now(),
    expiresAt: undefined,
    weight: 0,
  } as const;
  if (known === undefined) write(core, { entry: fresh, vector });
  else addLabels(core, known.entry, labels);
  observe(core.database, core.tenant, { id, run, weight: 1 });
  return id;
}

/** What another run had from outside taints the lesson as well. */
function addLabels({ database, tenant }: Core, entry: Entry, labels: readonly Label[]): void {
  const joined = joinLabels(entry.labels, labels);
  if (joined.length > entry.labels.length) setLabels(database, tenant, { id: entry.id, labels: joined });
}

function unlearn({ database, tenant }: Core, run: string): void {
  unobserve(database, tenant, run);
  const lessons = readRows(database, tenant, { type: "lesson" });
  const orphans = lessons.filter(({ entry }) => entry.weight <= 0 && entry.run === run);
  deleteRows(database, tenant, idsOf(orphans));
}

function forget({ database, tenant }: Core, { id, kind, run }: Forget): number {
  const fits = ({ entry }: Row): boolean =>
    (id ?? entry.id) === entry.id && (kind ?? entry.kind) === entry.kind && (run ?? entry.run) === entry.run;
  const ids = idsOf(readRows(database, tenant).filter(fits));
  if (run !== undefined) unobserve(database, tenant, run);
  deleteRows(database, tenant, ids);
  return ids.length;
}

/** Writes a row, and lets go of what is too old or too much. */
function write({ database, tenant, options, now }: Core, row: Row): void {
  const { maxAgeMs = Infinity, maxEntries = 10_000 } = options;
  insertRow(database, tenant, row);
  const rows = readRows(database, tenant);
  const isOld = ({ entry }: Row): boolean =>
    (entry.expiresAt ?? Infinity) <= now() || entry.createdAt < now() - maxAgeMs;
  const left = rows.filter((one) => !isOld(one));
  const tooMany = left.slice(0, Math.max(0, left.length - maxEntries));
  deleteRows(database, tenant, idsOf([...rows.filter(isOld), ...tooMany]));
}

function idsOf(rows: readonly Row[]): readonly string[] {
  return rows.map(({ entry }) => entry.id);
}

function isSame({ entry, vector: other }: Row, text: string, vector: Float32Array | undefined): boolean {
  if (normalise(entry.text) === normalise(text) || overlap(entry.text, text) >= SAME_WORDS) return true;
  return vector !== undefined && other !== undefined && cosine(vector, other) >= SAME_MEANING;
}

const LONGEST = 100_000;

function checkText(text: string): void {
  if (text.trim() !== "" && text.length <= LONGEST) return;
  const got = text.length > LONGEST ? `${text.length} characters` : "none";
  throw new InputError(
    "MEMORY_TEXT",
    `Expected a text of 1 to ${LONGEST} characters to remember, got ${got}. Write less, or something.`,
  );
}
