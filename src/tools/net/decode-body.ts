import type { IncomingMessage } from "node:http";
import { pipeline, Transform, type Readable } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

const MOST_CODINGS = 3;
/** What was cut off at the end is no error, as in browsers. */
const LENIENT = { finishFlush: constants.Z_SYNC_FLUSH };

/**
 * Gives the body of an answer as it was before compression (RFC 9110 section 8.4), each layer of it at most `most`
 * bytes. A coding that is not known here leaves the body as it came.
 */
export function decodeBody(message: IncomingMessage, most: number, toError: () => Error): Readable {
  const names = (message.headers["content-encoding"] ?? "").split(",").map((name) => name.trim().toLowerCase());
  const codings = names.filter((name) => name !== "" && name !== "identity").reverse();
  const decoders = codings.map(toDecoder);
  const known = decoders.filter((decoder) => decoder !== undefined);
  const isKnown = known.length === codings.length && codings.length <= MOST_CODINGS;
  const layers = isKnown ? known.flatMap((decoder) => [decoder, limit(most, toError)]) : [];
  const first = limit(most, toError);
  // An error of one closes all, and is thrown to whoever reads the last.
  pipeline([message, first, ...layers], () => undefined);
  return layers.at(-1) ?? first;
}

function toDecoder(coding: string): Transform | undefined {
  if (coding === "gzip" || coding === "x-gzip") return createGunzip(LENIENT);
  if (coding === "deflate") return createInflate(LENIENT);
  if (coding === "br") return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
  return undefined;
}

function limit(most: number, toError: () => Error): Transform {
  let length = 0;
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      length += chunk.byteLength;
      if (length > most) done(toError());
      else done(null, chunk);
    },
  });
}
