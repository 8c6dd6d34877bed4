/** Comparing is quadratic in the length: names longer than this get no suggestion. */
const LONGEST = 64;
/** Candidates that are compared in all, over the life of one suggester. */
const COMPARISONS = 50_000;

/**
 * Gives "did you mean" answers: the candidate with the fewest edits, if there are few enough to be a slip.
 * The work is bounded, so that a plan with 100,000 unknown names is refused as fast as a plan with one.
 */
export function createSuggester(candidates: Iterable<string>): (name: string) => string | undefined {
  let left = COMPARISONS;
  return (name) => {
    if (name.length === 0 || name.length > LONGEST) return undefined;
    let best: string | undefined;
    let fewest = Math.max(1, Math.floor(name.length / 3)) + 1;
    for (const candidate of candidates) {
      if (left-- <= 0) break;
      if (Math.abs(candidate.length - name.length) >= fewest || candidate === name) continue;
      const edits = countEdits(name.toLowerCase(), candidate.toLowerCase());
      if (edits >= fewest) continue;
      best = candidate;
      fewest = edits;
    }
    return best;
  };
}

/** The sentence that a problem's `fix` ends with, or the other advice where nothing is near. */
export function didYouMean(suggestion: string | undefined, otherwise: string): string {
  return suggestion === undefined ? otherwise : `Did you mean "${suggestion}"?`;
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
function countEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] ?? Infinity) + 1 : Infinity;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same, swapped));
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
