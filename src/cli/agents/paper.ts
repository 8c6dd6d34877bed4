import { fit } from "../table.ts";
import type { Output } from "../terminal.ts";

/** Where words and lines go: words flow, a line begins at the left. */
export interface Paper {
  readonly words: (text: string) => void;
  readonly line: (line: string) => void;
  /** A line beside the matter, cut to the width of a terminal. */
  readonly dim: (line: string) => void;
  /** A line that is gone with the next word; only on terminals. */
  readonly status: (text: string) => void;
  /** Ends the line that is being written. */
  readonly endLine: () => void;
}

const LEAST_COLUMNS = 20;
const ERASE_LINE = "\r\u001B[K";

/** Makes the paper of a stream; a silent one takes everything and shows nothing. */
export function createPaper(output: Output, isSilent: boolean): Paper {
  let isAtStart = true;
  let hasStatus = false;
  const put = (text: string): void => {
    if (isSilent || text === "") return;
    output.write(hasStatus ? `${ERASE_LINE}${text}` : text);
    hasStatus = false;
    isAtStart = text.endsWith("\n");
  };
  const endLine = (): void => {
    if (hasStatus) output.write(ERASE_LINE);
    hasStatus = false;
    if (!isAtStart) put("\n");
  };
  const line = (text: string): void => {
    endLine();
    put(`${text}\n`);
  };
  return {
    words: put,
    line,
    endLine,
    dim: (text) => {
      const columns = output.isTerminal ? Math.max(LEAST_COLUMNS, output.columns() - 1) : Number.POSITIVE_INFINITY;
      line(output.paint("dim", fit(text, columns)));
    },
    status: (text) => {
      if (isSilent || !output.isTerminal) return;
      endLine();
      output.write(output.paint("dim", text));
      hasStatus = true;
    },
  };
}
