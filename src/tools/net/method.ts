/** What the gateway sends. CONNECT and TRACE are not among them: they would speak to the machinery between. */
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

export type Method = (typeof METHODS)[number];

/** Tells whether a method may change something on the server. */
export function mayAct(method: Method): boolean {
  return method !== "GET" && method !== "HEAD" && method !== "OPTIONS";
}
