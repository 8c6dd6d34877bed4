import { toInvalid, toTooLarge } from "./failures.ts";
import type { Subject } from "./stopped.ts";

/** Gives the pieces of a body as text, at most `maxBytes` in all; what is no UTF-8 is refused. */
export async function* decode(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  subject: Subject,
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw toTooLarge(subject, `${maxBytes} bytes`);
    yield toText(decoder, chunk, subject);
  }
  yield toText(decoder, undefined, subject);
}

function toText(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array | undefined, subject: Subject): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw toInvalid(subject, "bytes that are not UTF-8");
  }
}

/** Reads a whole body as text. */
export async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number, subject: Subject): Promise<string> {
  let text = "";
  for await (const piece of decode(body, maxBytes, subject)) text += piece;
  return text;
}
