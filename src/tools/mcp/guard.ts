import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Who may ask. */
export interface Guard {
  readonly port: number;
  readonly token: string;
  readonly origins: readonly string[];
}

/** Why a request is turned away. */
export interface Rejection {
  readonly status: 401 | 403 | 404;
  readonly why: string;
}

/** The one path that is served. */
export const MCP_PATH = "/mcp";

/**
 * Says why a request is turned away, or nothing.
 *
 * A page in a browser of this machine can reach a port of it, under a name of its own (DNS rebinding) too: so the Host
 * has to be ours, an Origin has to be on the list, and nobody does anything without the token. All of it holds for
 * every method.
 */
export function findRejection({ url, headers }: IncomingMessage, guard: Guard): Rejection | undefined {
  const hosts = ["127.0.0.1", "localhost", "[::1]"].map((name) => `${name}:${guard.port}`);
  if (headers.host === undefined || !hosts.includes(headers.host.toLowerCase())) {
    return { status: 403, why: "The Host is not this server." };
  }
  if (headers.origin !== undefined && !guard.origins.includes(headers.origin)) {
    return { status: 403, why: "This Origin may not call." };
  }
  const [, given] = /^Bearer ([\x21-\x7E]+)$/iu.exec(headers.authorization ?? "") ?? [];
  if (given === undefined || !isSame(given, guard.token)) {
    return { status: 401, why: "The token is missing or wrong: send Authorization: Bearer TOKEN." };
  }
  const [path] = (url ?? "").split("?");
  return path === MCP_PATH ? undefined : { status: 404, why: `Only ${MCP_PATH} is served here.` };
}

/** Digests have one length, so that the time it takes tells nothing about either. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash("sha256", one, "buffer"), hash("sha256", other, "buffer"));
}
