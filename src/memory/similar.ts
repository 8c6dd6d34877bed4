/** Two texts with so many words in common may be one. */
const SAME_WORDS = 0.6;
/** Or with vectors so close. */
const SAME_MEANING = 0.92;

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu;

/** Words that turn a sentence into its opposite: texts that differ in them are never one. */
const TURNING = new Set(
  (
    "no not never none nothing without avoid instead unless except only less more fewer before after " +
    "cannot can't don't doesn't didn't won't isn't aren't shouldn't mustn't stop skip " +
    "nicht nie kein keine ohne statt pas jamais sans sin nunca"
  ).split(" "),
);

/** Words that two tellings of the same have or have not. */
const EMPTY = new Set("a an the is are be to of always please should must you and it that".split(" "));

/** A text without case, punctuation and doubled space: what is the same but for these is the same. */
export function normalise(text: string): string {
  return wordsOf(text).join(" ");
}

function wordsOf(text: string): readonly string[] {
  return text.normalize("NFKC").toLowerCase().replaceAll("’", "'").match(WORD) ?? [];
}

/** Share of the words of two texts that both have (Jaccard, 1912): 0 to 1. */
function overlap(one: readonly string[], other: readonly string[]): number {
  const a = new Set(one);
  const b = new Set(other);
  const both = [...a].filter((word) => b.has(word)).length;
  return both / Math.max(1, a.size + b.size - both);
}

/** A text, with its vector where there is one. */
export interface Worded {
  readonly text: string;
  readonly vector: Float32Array | undefined;
}

/**
 * Tells whether two lessons are one. In doubt they are not: two that are taken for one count as seen twice, though they
 * may say the contrary. So they must agree in numbers and in words such as `never`, and what they share must stand in
 * the same order.
 */
export function isSame(one: Worded, other: Worded): boolean {
  const a = wordsOf(one.text);
  const b = wordsOf(other.text);
  if (a.join(" ") === b.join(" ")) return true;
  if (!agree(a, b)) return false;
  if (one.vector !== undefined && other.vector !== undefined && cosine(one.vector, other.vector) >= SAME_MEANING) {
    return true;
  }
  return overlap(full(a), full(b)) >= SAME_WORDS;
}

function full(words: readonly string[]): readonly string[] {
  return words.filter((word) => !EMPTY.has(word));
}

function agree(a: readonly string[], b: readonly string[]): boolean {
  const mustMatch = (words: readonly string[]): string =>
    words.filter((word) => TURNING.has(word) || /\p{N}/u.test(word)).join(" ");
  return mustMatch(a) === mustMatch(b) && shared(a, b) === shared(b, a);
}

/** The words of one text that the other has too, in its order, each once. */
function shared(words: readonly string[], others: readonly string[]): string {
  const known = new Set(others);
  return [...new Set(full(words))].filter((word) => known.has(word)).join(" ");
}

/** Cosine of two unit vectors; of different lengths: 0, for they are of different models. */
export function cosine(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) return 0;
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
