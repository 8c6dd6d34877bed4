const SMALL = 1 << 16;

/**
 * Finds a part in a text in time linear in both, or gives -1. The native search is quick on most texts and takes the
 * product of the two lengths on the worst; where that product is large, Knuth, Morris and Pratt's takes its place.
 *
 * @see Knuth, Morris, Pratt: Fast Pattern Matching in Strings, SIAM J. Comput. 6(2), 1977
 */
export function findText(text: string, part: string): number {
  if (part.length > text.length) return -1;
  if (part.length <= 4 || text.length * part.length <= SMALL) return text.indexOf(part);
  const border = bordersOf(part);
  let matched = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    while (matched > 0 && part.charCodeAt(matched) !== code) matched = border[matched - 1] ?? 0;
    if (part.charCodeAt(matched) === code) matched++;
    if (matched === part.length) return index - matched + 1;
  }
  return -1;
}

/** For each prefix, the length of its longest proper prefix that is also its end. */
function bordersOf(part: string): Int32Array {
  const border = new Int32Array(part.length);
  let length = 0;
  for (let index = 1; index < part.length; index++) {
    while (length > 0 && part.charCodeAt(length) !== part.charCodeAt(index)) length = border[length - 1] ?? 0;
    if (part.charCodeAt(length) === part.charCodeAt(index)) length++;
    border[index] = length;
  }
  return border;
}
