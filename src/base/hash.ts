import { hash } from "node:crypto";
import { toHash, type Hash } from "./ids.ts";

/** SHA-256 (FIPS 180-4) of text (as UTF-8) or bytes, in lower-case hexadecimal. */
export function sha256(data: string | Uint8Array): Hash {
  return toHash(hash("sha256", data, "hex"));
}
