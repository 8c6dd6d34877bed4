/**
 * Text of a server that people approve and models obey must show all that it says: what is written in characters that
 * nobody sees (controls, reversed direction, zero width, the tag alphabet) is shown by its number instead.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Shows each hidden character as `[U+200B]`; line breaks and tabs stay. */
export function showHidden(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(HIDDEN, (character) => (character === "\n" || character === "\t" ? character : toMark(character)));
}

/** Tells whether a text has characters that nobody sees, line breaks and tabs included. */
export function hasHidden(text: string): boolean {
  return text.search(HIDDEN) >= 0;
}

function toMark(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return `[U+${number.toString(16).toUpperCase().padStart(4, "0")}]`;
}
