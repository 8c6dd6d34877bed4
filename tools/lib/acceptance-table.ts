/** One row of a docs/acceptance table. Cells are as a reader sees them: trimmed, `\|` read as `|`. */
export interface AcceptanceRow {
  readonly claim: string;
  /** The shell command, or undefined where the cell holds none. */
  readonly command: string | undefined;
  /** True where the command cell says `not reached`: the claim isn't met yet, and the row says why. */
  readonly isNotReached: boolean;
}

const COLUMNS = ["claim", "command", "figure to reach", "last seen"] as const;
const NOT_REACHED = /^not reached\b/i;

/**
 * Reads the rows of every table of a page that has the four columns.
 *
 * @throws {Error} if the page has no such table or a row has not four cells.
 */
export function parseRows(page: string): AcceptanceRow[] {
  const rows = tableLines(page).map(toRow);
  if (rows.length === 0)
    throw new Error(`Expected a table with rows and the columns ${COLUMNS.join(" | ")}, found none.`);
  return rows;
}

/** Gives the page with the last cell of that row replaced, everything else as it was. */
export function writeLastSeen(page: string, row: AcceptanceRow, seen: string): string {
  const line = tableLines(page).find((candidate) => isSameRow(toRow(candidate), row));
  if (line === undefined) throw new Error(`The row "${row.claim}" is no longer in the page.`);
  const cells = splitCells(line).slice(0, -1);
  const rewritten = `|${cells.join("|")}| ${seen.replaceAll("|", String.raw`\|`)} |`;
  return page.replace(line, () => rewritten);
}

function tableLines(page: string): string[] {
  const found: string[] = [];
  let isInside = false;
  for (const line of page.split("\n")) {
    if (!line.trim().startsWith("|")) isInside = false;
    else if (isHeader(line)) isInside = true;
    else if (isInside && !/^[\s|:-]+$/.test(line)) found.push(line);
  }
  return found;
}

function isHeader(line: string): boolean {
  return readCells(line).join("|").toLowerCase() === COLUMNS.join("|");
}

function toRow(line: string): AcceptanceRow {
  const cells = readCells(line);
  const [claim = "", command = ""] = cells;
  if (cells.length !== COLUMNS.length) {
    throw new Error(
      `Expected ${COLUMNS.length} cells, got ${cells.length}. Write | inside a cell as \\|. The row: ${line}`,
    );
  }
  return { claim, command: /`+\s*([^`]+?)\s*`+/.exec(command)?.[1], isNotReached: NOT_REACHED.test(command) };
}

function isSameRow(left: AcceptanceRow, right: AcceptanceRow): boolean {
  return left.claim === right.claim && left.command === right.command;
}

function readCells(line: string): string[] {
  return splitCells(line).map((cell) => cell.trim().replaceAll(String.raw`\|`, "|"));
}

/** Splits at each `|` that isn't escaped, leaving out what is before the first and after the last. */
function splitCells(line: string): string[] {
  return line
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "")
    .split(/(?<!\\)\|/);
}
