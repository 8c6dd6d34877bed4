import type { Bytes } from "./read-bytes.ts";

const TEXT_TYPE =
  /^(?:text\/|message\/|application\/(?:json|[\w.+-]+\+json|xml|[\w.+-]+\+xml|javascript|ecmascript|yaml|x-yaml|toml|sql|graphql|x-ndjson|jsonl|x-www-form-urlencoded|rtf)$)|^[\w-]+\/[\w.-]+\+(?:json|xml)$/u;

/** Gives the media type without parameters, in lower case; empty when there is none. */
export function toMediaType(contentType: string | null): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Tells whether a media type may hold text. What has no type is looked at. */
export function mayBeText(mediaType: string): boolean {
  return mediaType === "" || TEXT_TYPE.test(mediaType);
}

/**
 * Reads bytes as text: in the charset that the content type names, else as UTF-8, else, where a type of text was
 * claimed, as windows-1252, as browsers do. Undefined when it isn't text.
 */
export function decodeText({ bytes, isWhole }: Bytes, contentType: string | null): string | undefined {
  const named = /charset\s*=\s*"?([\w.:-]+)/iu.exec(contentType ?? "")?.[1];
  const charsets = named === undefined ? ["utf-8", ...(isTextual(contentType) ? ["windows-1252"] : [])] : [named];
  for (const charset of charsets) {
    const text = decode(bytes, charset, isWhole);
    if (text !== undefined) return text.includes("\0") ? undefined : text;
  }
  return undefined;
}

const isTextual = (contentType: string | null): boolean => toMediaType(contentType) !== "";

function decode(bytes: Buffer, charset: string, isWhole: boolean): string | undefined {
  try {
    // Where the bytes were cut, half a character at the end is no fault.
    return new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: !isWhole });
  } catch {
    return undefined;
  }
}

/** Gives at most `most` bytes of a text, in whole characters. */
export function cutText(text: string, most: number): { readonly text: string; readonly isCut: boolean } {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= most) return { text, isCut: false };
  return { text: new TextDecoder().decode(bytes.subarray(0, most), { stream: true }), isCut: true };
}
