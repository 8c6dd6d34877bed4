/** A body, or as much of it as was wanted. */
export interface Bytes {
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/**
 * Reads the body of a response, at most `most` bytes of it as they are after decompression; the rest is refused, not
 * read. Throws what the stream throws (network, abort).
 */
export async function readBytes(response: Response, most: number, onChunk: () => void): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return { bytes: Buffer.alloc(0), isWhole: true };
  for await (const chunk of response.body) {
    onChunk();
    length += chunk.byteLength;
    chunks.push(chunk);
    // Leaving the loop cancels the stream, which closes the connection.
    if (length > most) return { bytes: Buffer.concat(chunks).subarray(0, most), isWhole: false };
  }
  return { bytes: Buffer.concat(chunks), isWhole: true };
}
