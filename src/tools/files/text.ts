import { PermanentError } from "../../base/index.ts";

/** @throws {PermanentError} FILE_NOT_TEXT when the bytes are not UTF-8, or hold a zero. A mark of byte order stays. */
export function toText(content: Uint8Array, path: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    if (!text.includes("\0")) return text;
  } catch {
    // below
  }
  throw new PermanentError("FILE_NOT_TEXT", `${JSON.stringify(path)} is not text in UTF-8.`);
}
