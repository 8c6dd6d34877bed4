import type { Writable } from "node:stream";
import { styleText } from "node:util";

/** What text can be made to look like, where colours are wanted. Never the only sign of anything. */
export type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan" | "magenta";

/** One of the two streams that a command writes to. */
export interface Output {
  readonly write: (text: string) => void;
  readonly paint: (style: Style, text: string) => string;
  readonly isTerminal: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
}

/** What Node's own standard streams are. */
export interface Stream extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** Wraps a standard stream. A reader that has gone (`pawl runs ls | head`) is no error. */
export function createOutput(stream: Stream, env: Environment): Output {
  const isTerminal = stream.isTTY === true;
  const isColoured = wantsColour(isTerminal, env);
  stream.on("error", (error: Error & { readonly code?: string }) => {
    if (error.code !== "EPIPE") throw error;
  });
  return {
    write: (text) => {
      if (stream.writable) stream.write(text);
    },
    paint: (style, text) => (isColoured && text !== "" ? styleText(style, text, { validateStream: false }) : text),
    isTerminal,
    columns: () => stream.columns ?? DEFAULT_COLUMNS,
    rows: () => stream.rows ?? DEFAULT_ROWS,
  };
}

/** NO_COLOR beats FORCE_COLOR beats the terminal; an empty NO_COLOR says nothing (no-color.org). */
function wantsColour(isTerminal: boolean, env: Environment): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = env;
  if (no !== undefined && no !== "") return false;
  if (force !== undefined) return force !== "0" && force !== "false";
  return isTerminal && term !== "dumb";
}
