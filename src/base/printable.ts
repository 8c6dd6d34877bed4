// Whole terminal sequences first: "\u001b[31m" without its escape would leave "[31m" behind.
// eslint-disable-next-line no-control-regex
const SEQUENCES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/gu;
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/** Gives text that is safe to show in a terminal or a log: no control, direction or terminal sequences; lines stay. */
export function toPrintable(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(SEQUENCES, "")
    .replace(INVISIBLE, (character) => (character === "\n" || character === "\t" ? character : ""));
}

/** Gives at most `length` characters from the start, made printable, with a mark where it was cut. */
export function toExcerpt(text: string, length: number): string {
  const printable = toPrintable(text.slice(0, length + 1)).trim();
  return printable.length > length || text.length > length ? `${printable.slice(0, length)}…` : printable;
}

/** Replaces each secret value by its name. Short values stay: they would be found in innocent text. */
export function hideSecrets(text: string, secrets: Readonly<Record<string, string>>): string {
  const longEnough = Object.entries(secrets).filter(([, value]) => value.length >= 6);
  // Longest first, else a secret that holds another one would be only half hidden.
  longEnough.sort(([, one], [, other]) => other.length - one.length);
  return longEnough.reduce((rest, [name, value]) => rest.replaceAll(value, `[${name}]`), text);
}
