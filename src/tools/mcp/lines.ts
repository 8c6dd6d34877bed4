/** Cuts a stream of bytes into lines, each touched once however small the pieces are that it comes in. */
export interface LineCutter {
  /** Takes the next piece; gives false when a line is longer than allowed, which then is dropped. */
  readonly push: (chunk: Buffer) => boolean;
}

const LINE_END = 10;

/** Makes a cutter that calls `onLine` for each line, without its end. */
export function createLineCutter(maxBytes: number, onLine: (line: string) => void): LineCutter {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const add = (piece: Buffer): boolean => {
    pieces.push(piece);
    bytes += piece.length;
    return bytes <= maxBytes;
  };
  const take = (): string => {
    const line = Buffer.concat(pieces).toString("utf8");
    pieces.length = 0;
    bytes = 0;
    return line;
  };
  return {
    push: (chunk) => {
      let start = 0;
      for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
        const isShort = add(chunk.subarray(start, end));
        const line = take();
        if (!isShort) return false;
        onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
        start = end + 1;
      }
      if (add(chunk.subarray(start))) return true;
      take();
      return false;
    },
  };
}
