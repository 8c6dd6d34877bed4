import { NO_LABELS, type Label } from "../action/index.ts";
import { InputError, sha256 } from "../base/index.ts";
import {
  checkText,
  createCore,
  mendVectors,
  prune,
  standing,
  toVector,
  type Core,
  type MemoryOptions,
} from "./core.ts";
import type { Entry, Forget, Lesson, NewEntry, NewEpisode, Query, Story } from "./entry.ts";
import { contradict, learn, unlearn } from "./lessons.ts";
import { outermost } from "./outermost.ts";
import { deleteRows, findRow, putRow, readNames, unobserve, type Row, type RowName, type Unobserved } from "./rows.ts";
import { compareAge, ranked } from "./search.ts";
import { cosine } from "./similar.ts";

/** A memory of one tenant, on disk. */
export interface Memory {
  /** Writes a fact down, once for an id. */
  readonly remember: (entry: NewEntry) => Promise<void>;
  /** Writes down what happened in a run. */
  readonly record: (episode: NewEpisode) => Promise<void>;
  /** What fits best. Of lessons only those that enough runs have observed: one observation is no lesson. */
  readonly recall: (query: Query) => Promise<readonly Entry[]>;
  /** Notes that a run observed something: the same or nearly the same as before counts for that. Gives its id. */
  readonly learn: (lesson: Lesson) => Promise<string>;
  /** A run saw the contrary of a lesson: it weighs less. False: there is no such lesson. */
  readonly contradict: (id: string, run: string) => boolean;
  /** Takes back what a run observed, or what was observed under a key, as an undo does. */
  readonly unlearn: (what: Unobserved) => void;
  /**
   * Erases all that fits, or all that this tenant has; no file keeps a trace of it. Gives how many entries.
   *
   * @throws {InputError} BAD_INPUT if nothing says what.
   */
  readonly forget: (what: Forget | "everything") => number;
  /** All entries, oldest first, lessons that do not count yet too. */
  readonly all: () => readonly Entry[];
  readonly close: () => void;
}

/**
 * Gives a memory, whose file is opened when it is first used. Writing is an effect like any other: it is done by actions
 * with keys and undos, so it needs no part in the journal's transactions, and any process may open it.
 *
 * @throws {InputError} from its methods: MEMORY_TEXT, STORE_FOREIGN, STORE_NEWER, STORE_UNSAFE, SQLITE_TOO_OLD
 * @throws {DefectError} from its methods: JOURNAL_DAMAGED, STORE_CLOSED
 * @see docs/adr/0012-memory-is-an-effect.md
 */
export function openMemory(options: MemoryOptions): Memory {
  const core = createCore(options);
  return {
    remember: (entry) => remember(core, entry),
    record: (episode) => record(core, episode),
    recall: (query) => recall(core, query),
    learn: async (lesson) => {
      prune(core);
      const id = await learn(core, lesson);
      prune(core);
      return id;
    },
    contradict: (id, run) => contradict(core, id, run),
    unlearn: (what) => unlearn(core, what),
    forget: (what) => forget(core, what),
    all: () => standing(core).map(({ entry }) => entry),
    close: core.close,
  };
}

async function remember(core: Core, { id, text, expiresMs, ...more }: NewEntry): Promise<void> {
  checkText(text);
  prune(core);
  if (core.shelf().row(id) !== undefined) return;
  const expiresAt = expiresMs === undefined ? undefined : core.now() + expiresMs;
  await write(core, { ...more, id, text, type: "fact", expiresAt });
}

async function record(core: Core, { goal, outcome, steps, microUsd, ...more }: NewEpisode): Promise<void> {
  const text = `${goal}\n${outcome}`;
  checkText(text);
  const story = { goal, outcome, ...(steps !== undefined && { steps }), ...(microUsd !== undefined && { microUsd }) };
  const id = `episode-${sha256(`${more.kind}\n${more.run}`).slice(0, 32)}`;
  await write(core, { ...more, id, text, type: "episode", expiresAt: undefined, story });
}

interface Draft extends Pick<Entry, "id" | "kind" | "type" | "text" | "run" | "expiresAt"> {
  readonly node?: string;
  readonly story?: Story;
  readonly labels?: readonly Label[];
  readonly signal?: AbortSignal;
}

async function write(core: Core, { signal, labels = NO_LABELS, ...draft }: Draft): Promise<void> {
  const vector = await toVector(core, draft.text, signal);
  const createdAt = core.now();
  const entry: Entry = { ...draft, labels, createdAt, seenAt: createdAt, weight: 0 };
  core.shelf().change((database) => {
    // From a retry or another process it may be there by now.
    const isThere = draft.type === "fact" && findRow(database, core.tenant, draft.id) !== undefined;
    if (!isThere) putRow(database, core.tenant, { entry, ...vector });
    return [draft.id];
  });
  prune(core);
}

async function recall(core: Core, query: Query): Promise<readonly Entry[]> {
  const { text, most = 5, isFilled = false, signal } = query;
  const { vector } = await toVector(core, text, signal);
  await mendVectors(core, candidates(core, query), { ...(signal !== undefined && { signal }) });
  const rows = candidates(core, query);
  const scoreOf = scorer(core, query, vector);
  const hits = rows.map((row) => ({ row, score: scoreOf(row) })).filter(({ score }) => score > 0);
  const found = ranked(hits);
  const others = isFilled ? heaviest(rows.filter((row) => !found.includes(row))) : [];
  return [...found, ...others].slice(0, Math.max(0, most)).map(({ entry }) => entry);
}

function candidates(core: Core, { kind, type, labels }: Query): readonly Row[] {
  const { observations = 2 } = core.options;
  return standing(core).filter(
    ({ entry }) =>
      (kind ?? entry.kind) === entry.kind &&
      (type ?? entry.type) === entry.type &&
      (entry.type !== "lesson" || entry.weight >= observations) &&
      (labels === undefined || entry.labels.every((label) => labels.includes(label))),
  );
}

function scorer(core: Core, { text }: Query, vector: Float32Array | undefined): (row: Row) => number {
  if (vector !== undefined) return (row) => (row.vector === undefined ? 0 : cosine(row.vector, vector));
  const scores = core.shelf().search(text);
  return ({ entry }) => scores.get(entry.id) ?? 0;
}

function heaviest(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => b.entry.weight - a.entry.weight || compareAge(b, a));
}

function forget(core: Core, what: Forget | "everything"): number {
  const { id, kind, run } = what === "everything" ? {} : what;
  // Guards against an id that came out of a record and is missing there: that must not erase everything.
  if (what !== "everything" && (id ?? kind ?? run) === undefined) {
    throw new InputError("BAD_INPUT", 'Expected an id, a kind or a run to forget, or "everything", got nothing.');
  }
  const fits = (row: RowName): boolean =>
    (id ?? row.id) === row.id &&
    (kind ?? row.kind) === row.kind &&
    (run === undefined || run === row.run || run === outermost(row.run));
  let count = 0;
  core.shelf().change(
    (database) => {
      const ids = readNames(database, core.tenant)
        .filter(fits)
        .map((row) => row.id);
      count = ids.length;
      const isWholeRun = run !== undefined && id === undefined && kind === undefined;
      const seen = isWholeRun ? unobserve(database, core.tenant, { run }) : [];
      return [...seen, ...deleteRows(database, core.tenant, ids)];
    },
    { isErased: true },
  );
  return count;
}
