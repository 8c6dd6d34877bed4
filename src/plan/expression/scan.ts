/** Strings and comments of CEL, skipped without understanding the rest. */

/** Gives the index after the string or comment that starts at `at`; `at` itself when none starts there. */
function skipOpaque(text: string, at: number): number {
  const sign = text[at];
  if (sign === '"' || sign === "'") return skipString(text, at, sign);
  if (sign !== "/" || text[at + 1] !== "/") return at;
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

function skipString(text: string, at: number, sign: string): number {
  const closing = text.startsWith(sign.repeat(3), at) ? sign.repeat(3) : sign;
  let index = at + closing.length;
  while (index < text.length && !text.startsWith(closing, index)) index += text[index] === "\\" ? 2 : 1;
  return Math.min(index + closing.length, text.length);
}

/** Gives the index of the `}` that ends the `${` whose content starts at `start`; -1 if there is none. */
export function findSlotEnd(text: string, start: number): number {
  let open = 0;
  for (let index = start; index < text.length; index++) {
    const next = skipOpaque(text, index);
    if (next !== index) index = next - 1;
    else if (text[index] === "{") open++;
    else if (text[index] === "}" && open-- === 0) return index;
  }
  return -1;
}

/** The deepest nesting of brackets, and the longest run of `!` and `-`: what makes a parser recurse. */
export function deepestNesting(text: string): number {
  let depth = 0;
  let run = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index++) {
    const next = skipOpaque(text, index);
    if (next !== index) index = next - 1;
    const sign = text[index] ?? "";
    if ("([{".includes(sign)) depth++;
    else if (")]}".includes(sign)) depth--;
    if (sign.trim() !== "") run = sign === "!" || sign === "-" ? run + 1 : 0;
    deepest = Math.max(deepest, depth + run);
  }
  return deepest;
}
