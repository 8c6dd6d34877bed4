import { stripVTControlCharacters } from "node:util";

/** Lines of a table whose columns are aligned; cells may be painted. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
  return rows.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
}

// Wide in every terminal: Hangul, kana, ideographs, full-width forms, most emoji.
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
const NONE = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Columns that text takes in a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += widthOfOne(character);
  return width;
}

function widthOfOne(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (NONE.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Text cut to so many columns, with a mark where the rest was; colours are kept and closed. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  let left = columns - 1;
  let kept = "";
  // eslint-disable-next-line no-control-regex
  for (const [piece] of text.matchAll(/\u001B\[[0-9;]*m|[^]/gu)) {
    if (piece.length > 2 && piece.startsWith("\u001B")) {
      kept += piece;
      continue;
    }
    left -= widthOfOne(piece);
    if (left < 0) break;
    kept += piece;
  }
  return `${kept}…${kept.includes("\u001B") ? "\u001B[0m" : ""}`;
}
