import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { InputError } from "../../base/index.ts";
import { findRejection, MCP_PATH, type Guard } from "./guard.ts";
import type { McpPort, McpServing } from "./served.ts";
import type { WebService } from "./serve-sessions.ts";
import { toWebRequest, writeWebResponse } from "./web-bridge.ts";

const SHORTEST_TOKEN = 32;

/** Offers a service on a port of 127.0.0.1, to whoever has the token. */
export async function serveHttp(service: WebService, place: McpPort): Promise<McpServing> {
  const token = place.token ?? randomBytes(32).toString("base64url");
  if (!/^[\x21-\x7E]+$/u.test(token) || token.length < SHORTEST_TOKEN) {
    const expected = `a token of at least ${SHORTEST_TOKEN} printable characters without spaces`;
    throw new InputError("MCP_OPTIONS", `Expected ${expected}, got ${token.length}. Leave it out to have one made.`);
  }
  const guard = { port: 0, token, origins: place.origins ?? [] };
  const server = createServer((request, response) => void handle(request, response, { service, guard }));
  guard.port = await listen(server, place.port ?? 0);
  const closed = Promise.withResolvers<void>();
  server.once("close", () => closed.resolve());
  return {
    url: `http://127.0.0.1:${guard.port}${MCP_PATH}`,
    token,
    closed: closed.promise,
    close: async () => {
      server.close();
      await service.close();
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    const fix = "Choose another port, or leave it out to take one that is free.";
    throw new InputError("MCP_OPTIONS", `Can't listen on 127.0.0.1:${port} (${code}). ${fix}`, { cause });
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

interface Serving {
  readonly service: WebService;
  readonly guard: Guard;
}

async function handle(request: IncomingMessage, response: ServerResponse, { service, guard }: Serving): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.on("error", () => undefined);
  try {
    const rejection = findRejection(request, guard);
    if (rejection !== undefined) {
      refuse(response, rejection.status, rejection.why);
      return;
    }
    const web = await toWebRequest(request, gone.signal);
    if (web === undefined) refuse(response, 413, "The request is too large.");
    else await writeWebResponse(await service.answer(web), response);
  } catch {
    refuse(response, 500, "The server failed.");
  }
}

/** The rest of what was sent is not read: the connection ends. */
function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ error: message }));
}
