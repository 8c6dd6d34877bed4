import { InputError, toExcerpt } from "../../base/index.ts";

const LONGEST_PART = 255;
const LONGEST_PATH = 1_024;
const MOST_PARTS = 32;
/** Names that mean a device on Windows, whatever follows the dot. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[\d\u00B9\u00B2\u00B3]|lpt[\d\u00B9\u00B2\u00B3])(?:\..*)?$/iu;
/** What means something to some system, looks like a slash, stands for bytes that are no text, or can't be seen. */
const ODD =
  /[\\:*?"<>|\u2044\u2215\u2216\u29F5\u29F8\u29F9\uFFFD\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]|\p{Noncharacter_Code_Point}/u;

/** How the names of files begin that stand in a folder only until they take another's place. */
export const FRESH = ".pawl-";

/**
 * Gives the segments of a path below a root; none for the root itself. What could mean another place to someone is refused,
 * on every system alike, instead of being corrected: dot segments, absolute paths, backslashes, colons and wildcards,
 * control characters, text that is not in its normal form (NFC) or becomes a separator or dots in another one, names of
 * devices, names that begin or end with a space or end with a dot or with ` (deleted)`. Nothing is decoded: `%2e` is three
 * characters.
 *
 * @throws {InputError} FILE_PATH_REFUSED
 */
export function toParts(path: string): readonly string[] {
  if (path === "" || path === ".") return [];
  if (path.length > LONGEST_PATH) refuse(path, `it is longer than ${LONGEST_PATH} characters`);
  if (path.startsWith("/")) refuse(path, "it is absolute");
  const parts = path.split("/");
  if (parts.length > MOST_PARTS) refuse(path, `it has more than ${MOST_PARTS} parts`);
  for (const part of parts) {
    const fault = faultIn(part);
    if (fault !== undefined) refuse(path, fault);
  }
  return parts;
}

const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/^$/u, "it has an empty part"],
  [/^\.\.?$/u, "it has the part . or .."],
  [ODD, "it has a character that is no part of plain names"],
  [/^ |[. ]$/u, "a part begins or ends with a space, or ends with a dot"],
  [/^\.pawl-/iu, `names that begin with ${FRESH} are not yours`],
  [/ \(deleted\)$/u, "a part ends with the mark of what was removed"],
  [DEVICE, "a part is the name of a device"],
];

/** Says why a name can't be part of a path; undefined: it can. */
export function faultIn(part: string): string | undefined {
  if (Buffer.byteLength(part) > LONGEST_PART) return `a part is longer than ${LONGEST_PART} bytes`;
  if (!part.isWellFormed() || part !== part.normalize("NFC")) return "it is not in Unicode's normal form NFC";
  const fault = FAULTS.find(([pattern]) => pattern.test(part));
  if (fault !== undefined) return fault[1];
  const isLookalike = /^\.+$|[\\/:]/u.test(part.normalize("NFKC"));
  return isLookalike ? "it has a character that others read as a dot or slash" : undefined;
}

/** Gives the path of a name in a folder. */
export function childOf(folder: string, name: string): string {
  return folder === "" || folder === "." ? name : `${folder}/${name}`;
}

/** Gives the same text for all paths that some file system takes for one: it folds case and normal forms. */
export function foldPath(path: string): string {
  return path.normalize("NFD").toUpperCase().toLowerCase().normalize("NFC");
}

function refuse(path: string, why: string): never {
  const message = `The path ${JSON.stringify(toExcerpt(path, 200))} is refused: ${why}. Name a file below the root, with / between its parts.`;
  throw new InputError("FILE_PATH_REFUSED", message);
}
