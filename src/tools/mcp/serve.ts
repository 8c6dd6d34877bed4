import { loadServer, type ServerPackage } from "./load.ts";
import { toServerFactory, type ServerFactory } from "./serve-calls.ts";
import { serveHttp } from "./serve-http.ts";
import { createWebService } from "./serve-sessions.ts";
import type { McpPipes, McpPlace, McpService, McpServing } from "./served.ts";

/**
 * Offers tools over MCP: to the one client at the other end of the pipes, or on a port of 127.0.0.1 to whoever has the
 * token. An output is given as structured content and as text; a failure is an answer with `isError` and its code.
 *
 * @throws {InputError} MCP_OPTIONS, MCP_PACKAGE, TOOL_NAME_TAKEN; SCHEMA_PATTERN, SCHEMA_UNUSABLE of an input schema.
 * @see https://modelcontextprotocol.io/specification/2025-11-25
 */
export async function serveMcp(service: McpService, place: McpPlace): Promise<McpServing> {
  const sdk = await loadServer();
  const toServer = toServerFactory(service, sdk);
  if (place.type === "http") return await serveHttp(createWebService(toServer, sdk), place);
  return servePipes(toServer, sdk, place);
}

function servePipes(
  toServer: ServerFactory,
  sdk: ServerPackage,
  { input = process.stdin, output = process.stdout }: McpPipes,
): McpServing {
  const closed = Promise.withResolvers<void>();
  const handle = sdk.serveStdio(toServer, { transport: new sdk.StdioServerTransport(input, output) });
  for (const event of ["end", "close", "error"]) input.once(event, () => closed.resolve());
  return {
    url: undefined,
    token: undefined,
    closed: closed.promise,
    close: async () => {
      await handle.close();
      closed.resolve();
    },
  };
}
