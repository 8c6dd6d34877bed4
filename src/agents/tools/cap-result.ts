import { canonicalJson, sha256, type Json } from "../../base/index.ts";

/**
 * Gives a tool's result as a model is shown it. One that is larger than `maxBytes` (as JSON in UTF-8) becomes its head and a
 * note: how large it is, and the SHA-256 of its canonical JSON, by which the whole can be found again. With the note it takes at
 * most `maxBytes`, or as much as the note alone.
 */
export function capResult(output: Json, maxBytes: number): Json {
  const text = JSON.stringify(output);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return output;
  const hash = sha256(canonicalJson(output));
  const note = `Cut: ${bytes} bytes in all, SHA-256 ${hash}. Ask for less, or for a part of it.`;
  const room = maxBytes - Buffer.byteLength(JSON.stringify({ head: "", note }));
  return { head: headOf(typeof output === "string" ? output : text, room), note };
}

/** The longest start of a text that takes at most so many bytes when it stands in JSON. */
function headOf(text: string, room: number): string {
  let fits = 0;
  let tooLong = Math.min(text.length, Math.max(0, room)) + 1;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (Buffer.byteLength(JSON.stringify(text.slice(0, middle))) - 2 <= room) fits = middle;
    else tooLong = middle;
  }
  // Never within a surrogate pair: half of one takes more bytes in JSON than the whole.
  return text.slice(0, fits);
}
