import { joinLabels, toLabels, type AttemptContext, type Label, type Outcome } from "../../action/index.ts";
import { RuntimeFailure, sha256 } from "../../base/index.ts";
import type { FoundFile } from "./contents.ts";
import type { Desk } from "./desk.ts";
import { FOLDER, labelsOf, setVersions, versionsOf, type Version } from "./labels.ts";
import { dropNote, noteOf, putNote, type Note } from "./notes.ts";
import { changed, refusal } from "./refusals.ts";

/*
 * A change of one file that can be repeated and taken back.
 *
 * 1. Before anything is changed, the former content and a note are on the disk, under the key of the effect. The note says
 *    what was there and what will be.
 * 2. What stands there tells what an earlier attempt did: what the note says will be: all; what it says was: nothing.
 *    Anything else is another's work, and is neither overwritten nor taken back.
 * 3. A change that failed before it changed anything leaves no note.
 * 4. Labels are never fewer than those of what stands there, whenever it stops.
 */

/** What became of a file. Null: it is gone. */
export type Change = {
  readonly path: string;
  readonly hash: string | null;
  readonly bytes: number;
};

/** What is to be changed. */
export interface Order {
  readonly path: string;
  readonly context: Pick<AttemptContext<unknown>, "key" | "labels" | "label" | "signal">;
  /** Gives what will be there, out of what is; undefined: nothing. */
  readonly toNext: (found: FoundFile | undefined) => Uint8Array | undefined;
  /** The new content has the labels of the former, and so has what is told of it. */
  readonly inherits: boolean;
}

const hashOf = (found: FoundFile | undefined): string | null => (found === undefined ? null : sha256(found.content));
const toChange = ({ path, is, bytes }: Note): Change => ({ path, hash: is, bytes });

/** @throws {PermanentError} FILE_CHANGED when others have changed it since an earlier attempt. */
export async function change(desk: Desk, order: Order): Promise<Change> {
  const { gateway, vault } = desk;
  const { path, context } = order;
  const noted = await noteOf(vault, context.key);
  const found = await gateway.find(path);
  const labels = await inheritedLabels(desk, order, found);
  const hash = hashOf(found);
  if (noted !== undefined && noted.is === hash) {
    await settleLabels(desk, noted, labels);
    return toChange(noted);
  }
  if (noted !== undefined && (noted.was?.hash ?? null) !== hash)
    throw changed(path, "it is neither what an earlier attempt found nor what it wrote. Read it again.", true);
  const next = order.toNext(found);
  const note = await prepare(desk, { path, found, next });
  context.signal.throwIfAborted();
  await putNote(vault, context.key, note);
  try {
    await setLabels(desk, note, labels);
    await act(desk, { path, content: next, from: hash });
  } catch (error) {
    if (!(RuntimeFailure.is(error) && error.mayHaveActed)) await clear(desk, note, context.key);
    throw error;
  }
  await settleLabels(desk, note, labels);
  return toChange(note);
}

async function inheritedLabels(
  { vault, isTrusted }: Desk,
  { path, context, inherits }: Order,
  found: FoundFile | undefined,
): Promise<readonly Label[]> {
  if (!inherits || found === undefined) return context.labels;
  const known = await labelsOf(vault, { path, hash: sha256(found.content) }, isTrusted);
  context.label(...known);
  return joinLabels(context.labels, known);
}

async function prepare(
  { gateway, vault }: Desk,
  { path, found, next }: { path: string; found: FoundFile | undefined; next: Uint8Array | undefined },
): Promise<Note> {
  const was = found === undefined ? null : { hash: await vault.keep(found.content), mode: found.mode };
  const versions = (await versionsOf(vault, path)).filter((version) => version.path === path);
  const made = next === undefined ? [] : await gateway.foldersToMake(path);
  const is = next === undefined ? null : sha256(next);
  return { path, was, is, bytes: next?.byteLength ?? 0, made, versions };
}

interface Act {
  readonly path: string;
  readonly content: Uint8Array | undefined;
  readonly mode?: number;
  /** What must be there now. */
  readonly from: string | null;
}

async function act({ gateway }: Desk, { path, content, mode, from }: Act): Promise<void> {
  const guard = (found: FoundFile | undefined): void => {
    if (hashOf(found) !== from) throw changed(path, "it is not what it was a moment ago. Read it again.");
  };
  if (content === undefined) await gateway.remove(path, guard);
  else await gateway.write(path, content, { guard, ...(mode !== undefined && { mode }) });
}

/** Before the change: what stands there now and what will stand there are both known. */
async function setLabels({ vault }: Desk, { path, is, made, versions }: Note, labels: readonly Label[]): Promise<void> {
  for (const folder of made) await setVersions(vault, folder, [{ path: folder, hash: FOLDER, labels }]);
  await setVersions(vault, path, [...versions, ...toVersions(path, is, labels)]);
}

/** After it: only what stands there. */
async function settleLabels({ vault }: Desk, { path, is }: Note, labels: readonly Label[]): Promise<void> {
  await setVersions(vault, path, toVersions(path, is, labels));
}

const toVersions = (path: string, hash: string | null, labels: readonly Label[]): readonly Version[] =>
  hash === null ? [] : [{ path, hash, labels: toLabels(labels) }];

/** It has not happened: folders and labels are as before, and there is nothing to undo. */
async function clear(desk: Desk, note: Note, key: string): Promise<void> {
  await removeFolders(desk, note);
  await setVersions(desk.vault, note.path, note.versions);
  await dropNote(desk.vault, key);
}

async function removeFolders({ gateway, vault }: Desk, { made }: Note): Promise<void> {
  for (const folder of made.toReversed()) {
    if (await gateway.removeEmptyFolder(folder)) await setVersions(vault, folder, []);
  }
}

/** "Did it happen?" */
export async function checkChange(
  { gateway, vault }: Desk,
  { path, key }: { readonly path: string; readonly key: string },
): Promise<Outcome<Change>> {
  const note = await noteOf(vault, key);
  if (note === undefined) return { tag: "not-done" };
  const hash = hashOf(await gateway.find(path));
  if (hash === note.is) return { tag: "done", output: toChange(note) };
  return hash === (note.was?.hash ?? null) ? { tag: "not-done" } : { tag: "cannot-tell" };
}

/**
 * Brings back what was there.
 *
 * @throws {PermanentError} FILE_CHANGED when others have changed it since; it is then left as it is.
 */
export async function takeBack(
  desk: Desk,
  { path, undoes, output }: { readonly path: string; readonly undoes: string; readonly output: Change | null },
): Promise<void> {
  const { gateway, vault } = desk;
  const note = await noteOf(vault, undoes);
  if (note === undefined && output === null) return; // it was never begun
  if (note === undefined) throw refusal(path, `what was there before is not kept in ${vault.folder}`);
  const hash = hashOf(await gateway.find(path));
  const was = note.was?.hash ?? null;
  if (hash !== was && hash !== note.is) throw changed(path, tellHowTo(note, vault.folder));
  if (hash !== was) {
    const mode = note.was === null ? {} : { mode: note.was.mode };
    const content = was === null ? undefined : await vault.fetch(was);
    const current = (await versionsOf(vault, path)).filter((version) => version.path === path);
    await setVersions(vault, path, [...note.versions, ...current]);
    await act(desk, { path, content, from: hash, ...mode });
  }
  await setVersions(vault, path, note.versions);
  await removeFolders(desk, note);
}

function tellHowTo({ was }: Note, folder: string): string {
  const former =
    was === null ? "there was no such file before" : `the former content is ${was.hash}.content in ${folder}`;
  return `so it is not taken back. Bring it to what it should be by hand: ${former}. Then retry the undo.`;
}
