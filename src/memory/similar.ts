const WORD = /[\p{L}\p{N}]+/gu;

/** A text without case, punctuation and doubled space: what is the same but for these is the same. */
export function normalise(text: string): string {
  return (text.toLowerCase().normalize("NFKC").match(WORD) ?? []).join(" ");
}

/** Share of the words of two texts that both have (Jaccard, 1912): 0 to 1. */
export function overlap(one: string, other: string): number {
  const a = new Set(normalise(one).split(" "));
  const b = new Set(normalise(other).split(" "));
  let both = 0;
  for (const word of a) if (b.has(word)) both += 1;
  return both / Math.max(1, a.size + b.size - both);
}

/** Cosine of two unit vectors; of different lengths: 0, for they are of different models. */
export function cosine(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) return 0;
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
