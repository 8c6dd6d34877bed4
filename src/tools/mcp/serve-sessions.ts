import { randomUUID } from "node:crypto";
import type { ServerPackage } from "./load.ts";
import type { ServerFactory } from "./serve-calls.ts";

type SessionTransport = InstanceType<ServerPackage["WebStandardStreamableHTTPServerTransport"]>;

/** Answers requests of the web, of both generations of the protocol. */
export interface WebService {
  readonly answer: (request: Request) => Promise<Response>;
  readonly close: () => Promise<void>;
}

/** Clients that went away without a word would else be remembered for ever. */
const MOST_SESSIONS = 64;

/**
 * Serves clients of the protocol's 2025 revisions with a session each, which is what lets them cancel a call, and
 * those of 2026 request by request.
 */
export function createWebService(toServer: ServerFactory, sdk: ServerPackage): WebService {
  // In the order of their last use: the first is the one that goes when there are too many.
  const sessions = new Map<string, SessionTransport>();
  const modern = sdk.createMcpHandler(toServer, { legacy: "reject" });

  const begin = async (request: Request): Promise<Response> => {
    const transport: SessionTransport = new sdk.WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        sessions.set(id, transport);
        for (const [oldest, old] of sessions) {
          if (sessions.size <= MOST_SESSIONS) break;
          sessions.delete(oldest);
          void old.close().catch(() => undefined);
        }
      },
      onsessionclosed: (id) => {
        sessions.delete(id);
      },
    });
    await toServer().connect(transport);
    return await transport.handleRequest(request);
  };

  const answer = async (request: Request): Promise<Response> => {
    if (!(await sdk.isLegacyRequest(request))) return await modern.fetch(request);
    const id = request.headers.get("mcp-session-id");
    if (id === null) return request.method === "POST" ? await begin(request) : refuse(400, "Say which session.");
    const session = sessions.get(id);
    if (session === undefined) return refuse(404, "There is no such session: begin a new one.");
    sessions.delete(id);
    sessions.set(id, session);
    return await session.handleRequest(request);
  };

  const close = async (): Promise<void> => {
    const open = [...sessions.values()];
    sessions.clear();
    await Promise.all([modern.close(), ...open.map(async (session) => await session.close())]);
  };
  return { answer, close };
}

function refuse(status: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", error: { code: -32_000, message }, id: null }, { status });
}
