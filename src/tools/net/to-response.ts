import type { IncomingMessage } from "node:http";
import { decodeBody } from "./decode-body.ts";
import type { Hop } from "./send.ts";
import { toTooLarge, type Trip } from "./trip.ts";

const WITHOUT_BODY = [204, 205, 304];

/** Gives the answer as a standard Response. Its body comes as it is read; reading to the end or `cancel` ends the trip. */
export function toResponse(
  message: IncomingMessage,
  hop: Hop,
  { trip, maxBodyBytes }: { readonly trip: Trip; readonly maxBodyBytes: number },
): Response {
  const status = message.statusCode ?? 0;
  const hasBody = hop.method !== "HEAD" && !WITHOUT_BODY.includes(status);
  const init = { status, statusText: toStatusText(message), headers: toHeaders(message.rawHeaders) };
  const response = new Response(hasBody ? toStream(message, trip, maxBodyBytes) : null, init);
  // A Response that is made by hand has no URL, and who asked must know where the answer came from in the end.
  Object.defineProperty(response, "url", { value: hop.url.href });
  if (!hasBody) {
    trip.end();
    message.destroy();
  }
  return response;
}

function toStream(message: IncomingMessage, trip: Trip, most: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  const body = decodeBody(message, most, () => toTooLarge(trip.target, "its body", trip.mayHaveActed()));
  const pieces: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  const close = (): void => {
    trip.end();
    message.destroy();
  };
  return new ReadableStream(
    {
      pull: async (controller) => {
        try {
          trip.begin("idleMs");
          const piece = await pieces.next();
          trip.pause();
          if (piece.done !== true) return controller.enqueue(new Uint8Array(piece.value));
          close();
          controller.close();
        } catch (error) {
          close();
          controller.error(trip.toFailure(error));
        }
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}

function toHeaders(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < raw.length; index += 2) headers.append(raw[index] ?? "", raw[index + 1] ?? "");
  return headers;
}

function toStatusText({ statusMessage = "" }: IncomingMessage): string {
  return /^[\t\u0020-\u007E\u0080-\u00FF]*$/u.test(statusMessage) ? statusMessage : "";
}
