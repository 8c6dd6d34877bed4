import { joinLabels, NO_LABELS } from "../action/index.ts";
import { sha256 } from "../base/index.ts";
import { checkText, mendVectors, standing, toVector, type Core } from "./core.ts";
import type { Entry, Lesson } from "./entry.ts";
import { outermost } from "./outermost.ts";
import { deleteRows, findRow, observe, putRow, unobserve, type Row, type Unobserved } from "./rows.ts";
import { isSame, normalise } from "./similar.ts";

/*
 * What is learnt.
 *
 * 1. One observation is no lesson: it counts once enough independent runs have seen the same. Until then no run is told
 *    of it, so those that see it see it by themselves; what lies beyond may be an echo.
 * 2. A run counts once for a lesson, with all runs within it.
 * 3. A lesson has the labels of all its observers: what one of them had from outside taints it.
 */

/** Notes that a run observed something. Gives the id of the lesson. */
export async function learn(core: Core, lesson: Lesson): Promise<string> {
  const { kind, text, signal } = lesson;
  checkText(text);
  const made = await toVector(core, text, signal);
  await mendVectors(core, lessonsOf(core, kind), { ...(signal !== undefined && { signal }) });
  // From here on without a pause: what stands is looked at and changed at once.
  const id = idOf(kind, text);
  const known =
    core.shelf().row(id) ?? lessonsOf(core, kind).find((row) => isSame(toWorded(row), { text, vector: made.vector }));
  const { tenant } = core;
  const base: Row = known ?? { entry: freshEntry(core, lesson), ...made };
  core.shelf().change((database) => {
    const row = findRow(database, tenant, base.entry.id);
    const entry = row?.entry ?? base.entry;
    const labels = joinLabels(entry.labels, lesson.labels ?? NO_LABELS);
    if (row === undefined || labels !== entry.labels)
      putRow(database, tenant, { ...(row ?? base), entry: { ...entry, labels } });
    const { run, key = "" } = lesson;
    observe(database, tenant, { id: entry.id, root: outermost(run), run, key, weight: 1, at: core.now() });
    return [entry.id];
  });
  return base.entry.id;
}

function lessonsOf(core: Core, kind: string): readonly Row[] {
  return standing(core).filter(({ entry }) => entry.type === "lesson" && entry.kind === kind);
}

function toWorded({ entry, vector }: Row): { readonly text: string; readonly vector: Float32Array | undefined } {
  return { text: entry.text, vector };
}

function idOf(kind: string, text: string): string {
  return `lesson-${sha256(`${kind}\n${normalise(text)}`).slice(0, 32)}`;
}

function freshEntry({ now }: Core, { kind, text, run, node, labels = NO_LABELS }: Lesson): Entry {
  const at = now();
  return {
    id: idOf(kind, text),
    kind,
    type: "lesson",
    text,
    labels,
    run,
    ...(node !== undefined && { node }),
    createdAt: at,
    expiresAt: undefined,
    seenAt: at,
    weight: 0,
  };
}

/** Name of the observation of the contrary: one a run. */
const CONTRARY = "contrary";

/** Notes that a run saw the contrary of a lesson. False: there is no such lesson. */
export function contradict(core: Core, id: string, run: string): boolean {
  const { tenant } = core;
  if (core.shelf().row(id)?.entry.type !== "lesson") return false;
  core.shelf().change((database) => {
    observe(database, tenant, { id, root: outermost(run), run, key: CONTRARY, weight: -1, at: core.now() });
    return [id];
  });
  return true;
}

/** Takes observations back; a lesson that nobody else observed is erased. */
export function unlearn({ shelf, tenant }: Core, what: Unobserved): void {
  shelf().change(
    (database) => {
      const seen = unobserve(database, tenant, what);
      return [...seen, ...deleteRows(database, tenant, [])];
    },
    { isErased: true },
  );
}
