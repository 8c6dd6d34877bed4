import { InputError, toExcerpt } from "../../base/index.ts";

const LONGEST_PART = 255;
const LONGEST_PATH = 1_024;
const MOST_PARTS = 32;
/** Names that mean a device on Windows, whatever follows the dot. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/iu;

/**
 * Gives the segments of a path below a root; none for the root itself. What could mean another place to someone is refused,
 * on every system alike, instead of being corrected: dot segments, absolute paths, backslashes, colons, control characters,
 * text that is not in its normal form (NFC), names of devices, names that end in a dot or space.
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

function faultIn(part: string): string | undefined {
  if (part === "") return "it has an empty part";
  if (part === "." || part === "..") return `it has the part ${part}`;
  if (Buffer.byteLength(part) > LONGEST_PART) return `a part is longer than ${LONGEST_PART} bytes`;
  if (/[\\:\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(part))
    return "it has a backslash, a colon, or a character that can't be seen";
  if (!part.isWellFormed() || part !== part.normalize("NFC")) return "it is not in Unicode's normal form NFC";
  if (/[. ]$/u.test(part) || part.startsWith(" ")) return "a part begins or ends with a space, or ends with a dot";
  return DEVICE.test(part) ? "a part is the name of a device" : undefined;
}

function refuse(path: string, why: string): never {
  const message = `The path ${JSON.stringify(toExcerpt(path, 200))} is refused: ${why}. Name a file below the root, with / between its parts.`;
  throw new InputError("FILE_PATH_REFUSED", message);
}
