import { defineQuery, fromJsonSchema, type Action } from "../../action/index.ts";
import { PermanentError } from "../../base/index.ts";
import { openFields, refuseProblems, take } from "../fields.ts";
import { integer, someText } from "../kinds.ts";
import { createNetGateway, type NetGateway } from "./gateway.ts";
import { htmlToText } from "./html-to-text.ts";
import { readBytes } from "./read-bytes.ts";
import { cutText, decodeText, mayBeText, toMediaType } from "./read-text.ts";

/** How an agent may fetch. */
export interface FetchOptions {
  /** Name of the action. Default: `fetch`. */
  readonly name?: string;
  /** For people and models. Default: says what it gives and what it refuses. */
  readonly description?: string;
  /** Whom it may ask. Default: the public network, ports 80 and 443. */
  readonly gateway?: NetGateway;
  /** Of the text that it gives. Default: 65,536. */
  readonly maxTextBytes?: number;
}

/** What is to be fetched. */
export type FetchInput = {
  readonly url: string;
  /** Default: GET. */
  readonly method?: "GET" | "HEAD";
  readonly headers?: { readonly accept?: string; readonly "accept-language"?: string };
};

/** An answer of any status, 404 and 500 too. */
export type FetchOutput = {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly contentType: string;
  /** HTML is reduced to what a reader would read. */
  readonly text: string;
  /** There was more. */
  readonly isCut: boolean;
};

const field = { type: "string", maxLength: 200, pattern: "^[ -~]*$" } as const;
const inputSchema = {
  type: "object",
  properties: {
    url: { type: "string", maxLength: 8_192, description: "An absolute http or https URL." },
    method: { enum: ["GET", "HEAD"] },
    headers: { type: "object", properties: { accept: field, "accept-language": field }, additionalProperties: false },
  },
  required: ["url"],
  additionalProperties: false,
} as const;
const outputSchema = {
  type: "object",
  properties: {
    status: { type: "integer" },
    url: { type: "string" },
    contentType: { type: "string" },
    text: { type: "string" },
    isCut: { type: "boolean" },
  },
  required: ["status", "url", "contentType", "text", "isCut"],
  additionalProperties: false,
} as const;

const DESCRIPTION =
  "Fetches a web page or other text by its URL and gives its status and text. HTML is reduced to readable text with " +
  "the targets of its links. It can only read: it sends no data and no credentials, and it runs no scripts. Long text " +
  "is cut. Images and other binary data are refused, and so are addresses that are not on the public network.";
const KNOWN = ["name", "description", "maxTextBytes"];
const MEBIBYTE = 1_048_576;
/** HTML is mostly not text: so much of it is read, whatever is left of it. */
const MOST_READ_BYTES = 2 * MEBIBYTE;

/**
 * Gives a query for agents that reads text from the network. Its output is `untrusted`; it takes in no `secret`, since
 * whatever stands in a URL is told to whoever it names.
 *
 * @throws {InputError} TOOL_OPTIONS; a call throws what the gateway throws, and {PermanentError} NET_NOT_TEXT.
 */
export function fetchTool(options: FetchOptions = {}): Action<FetchInput, FetchOutput> {
  const { gateway = createNetGateway(), ...rest } = options;
  const fields = openFields({ ...rest }, { path: "fetchTool", code: "TOOL_OPTIONS", isTemplate: false, known: KNOWN });
  const name = take(fields, "name", someText) ?? "fetch";
  const description = take(fields, "description", someText) ?? DESCRIPTION;
  const maxTextBytes = take(fields, "maxTextBytes", integer(1, MOST_READ_BYTES)) ?? 65_536;
  refuseProblems("The tool that fetches cannot be made", fields.problems);
  return defineQuery(name, {
    description,
    input: fromJsonSchema<FetchInput>(inputSchema),
    output: fromJsonSchema<FetchOutput>(outputSchema),
    labels: { gives: ["untrusted"], refuses: ["secret"] },
    run: async ({ input: { url, method = "GET", headers = {} }, signal, alive }) => {
      const answer = await gateway.open({ url, method, headers: { ...headers }, signal });
      alive();
      return await readAnswer(answer, { maxTextBytes, alive });
    },
  });
}

async function readAnswer(
  answer: Response,
  { maxTextBytes, alive }: { readonly maxTextBytes: number; readonly alive: () => void },
): Promise<FetchOutput> {
  const contentType = answer.headers.get("content-type");
  const mediaType = toMediaType(contentType);
  if (answer.body !== null && !mayBeText(mediaType)) {
    await answer.body.cancel();
    throw refuse(answer, mediaType);
  }
  const body = await readBytes(answer, MOST_READ_BYTES, alive);
  const decoded = decodeText(body, contentType);
  if (decoded === undefined) throw refuse(answer, mediaType);
  const isHtml = mediaType === "text/html" || mediaType === "application/xhtml+xml";
  const { text, isCut } = cutText(isHtml ? htmlToText(decoded, new URL(answer.url)) : decoded, maxTextBytes);
  const { status, url } = answer;
  return { status, url, contentType: contentType ?? "", text, isCut: isCut || !body.isWhole };
}

function refuse(answer: Response, mediaType: string): PermanentError {
  const { origin, pathname } = new URL(answer.url);
  const message = `${origin}${pathname} answered ${answer.status} with what is no text (content type ${JSON.stringify(mediaType)}). This tool reads text only.`;
  return new PermanentError("NET_NOT_TEXT", message);
}
