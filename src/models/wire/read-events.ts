/** One event of a stream. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Reads server-sent events out of pieces of text. Lines may end in CR, LF or both, wherever the pieces are cut; an
 * event without data is none, and one that is not ended by an empty line never happened.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html section 9.2.6
 */
export async function* readEvents(pieces: AsyncIterable<string>): AsyncGenerator<ServerEvent> {
  let event = "";
  let data: string[] = [];
  for await (const line of readLines(pieces)) {
    if (line === "") {
      if (data.length > 0) yield { event, data: data.join("\n") };
      event = "";
      data = [];
      continue;
    }
    const { field, value } = splitField(line);
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
  }
}

function splitField(line: string): { readonly field: string; readonly value: string } {
  const colon = line.indexOf(":");
  if (colon < 0) return { field: line, value: "" };
  return { field: line.slice(0, colon), value: line.slice(colon + (line[colon + 1] === " " ? 2 : 1)) };
}

const LINE_END = /\r\n|\n|\r/g;

/** Gives whole lines. Only what is new is searched, so that a long line in many pieces costs no more than its length. */
async function* readLines(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let open: string[] = [];
  let last = "";
  for await (const piece of pieces) {
    if (piece === "") continue;
    // A CR at the end of the last piece and a LF here are one end of a line.
    const isSkipped = (last.endsWith("\r") && piece.startsWith("\n")) || (last === "" && piece.startsWith("\uFEFF"));
    const text = isSkipped ? piece.slice(1) : piece;
    last = piece;
    let from = 0;
    for (const match of text.matchAll(LINE_END)) {
      yield [...open, text.slice(from, match.index)].join("");
      open = [];
      from = match.index + match[0].length;
    }
    if (from < text.length) open.push(text.slice(from));
  }
}
