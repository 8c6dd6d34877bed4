import { toPrintable, type Json } from "../base/index.ts";

/** Text from outside as it may stand in one cell or line of a terminal. */
export function oneLine(text: string): string {
  return toPrintable(text).replaceAll(/[\n\t]+/g, " ");
}

// JSON escapes what is below the space; these too would move, hide or turn round what a terminal shows.
const UNSEEN = /[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value as JSON text that is safe to show in a terminal, and the same value to every reader. */
export function toJsonText(value: Json | object, indent: number = 0): string {
  return JSON.stringify(value, null, indent).replaceAll(UNSEEN, escapeUnits);
}

function escapeUnits(character: string): string {
  let escaped = "";
  for (let at = 0; at < character.length; at += 1)
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
  return escaped;
}

/** A value in one short line. */
export function brief(value: Json, length: number = 100): string {
  return cut(toJsonText(value), length);
}

/** At most so many characters, with a mark where the rest was. */
function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text;
}
