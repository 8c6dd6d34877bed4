import { toLabels, type Label } from "../../action/index.ts";
import { isJsonObject, sha256, type Json } from "../../base/index.ts";
import { foldPath } from "./parts.ts";
import { refusal } from "./refusals.ts";
import type { Vault } from "./vault.ts";

/*
 * Labels of what was written, by path and hash of the content.
 *
 * 1. A content of which the labels are known has those. Any other is `untrusted`, unless the owner trusts the folder.
 * 2. A file that was written here and changed by others since also keeps the labels that it had: they may have left a part.
 * 3. While a file is being replaced, the labels of both contents are kept.
 * 4. Paths that some file system takes for one share a document, so that another spelling loses no label.
 */

/** A content that was written under a path, with its labels. A folder's name has them too. */
export type Version = {
  readonly path: string;
  readonly hash: string;
  readonly labels: readonly Label[];
};

/** The `hash` of a folder. */
export const FOLDER = "folder";

const documentOf = (path: string): string => `${sha256(foldPath(path))}.labels`;

/** Gives what is known of a path, in all its spellings. */
export async function versionsOf(vault: Vault, path: string): Promise<readonly Version[]> {
  const document = await vault.get(documentOf(path));
  if (document === undefined) return [];
  if (Array.isArray(document) && document.every(isVersion)) return document;
  throw refusal(path, `what is kept of its labels in ${vault.folder} can't be read`);
}

/** Gives the labels of a content under a path. */
export async function labelsOf(
  vault: Vault,
  { path, hash }: { readonly path: string; readonly hash: string },
  isTrusted: boolean,
): Promise<readonly Label[]> {
  const versions = await versionsOf(vault, path);
  const known = versions.filter((version) => version.path === path && version.hash === hash);
  if (known.length > 0) return toLabels(known.flatMap(({ labels }) => labels));
  return toLabels([...versions.flatMap(({ labels }) => labels), ...(isTrusted ? [] : (["untrusted"] as const))]);
}

/** Gives the labels of all that was ever written under a name, which may say something of it. */
export async function nameLabelsOf(vault: Vault, path: string): Promise<readonly Label[]> {
  return toLabels((await versionsOf(vault, path)).flatMap(({ labels }) => labels));
}

/** Keeps these versions of a path, and what other spellings of it have. */
export async function setVersions(vault: Vault, path: string, versions: readonly Version[]): Promise<void> {
  const before = await versionsOf(vault, path);
  const after = [...before.filter((version) => version.path !== path), ...versions];
  if (after.length > 0) await vault.put(documentOf(path), after);
  else if (before.length > 0) await vault.drop(documentOf(path));
}

/** Tells whether something that was kept is a version. */
export function isVersion(value: Json): value is Version {
  if (!isJsonObject(value)) return false;
  const { path, hash, labels } = value;
  return typeof path === "string" && typeof hash === "string" && Array.isArray(labels) && labels.every(isLabel);
}

function isLabel(value: Json): boolean {
  return value === "untrusted" || value === "secret";
}
