import type { CallToolResult, Server, ServerContext } from "@modelcontextprotocol/server";
import { fromJsonSchema, toProblems } from "../../action/index.ts";
import {
  checkStrictJson,
  InputError,
  isJsonObject,
  RuntimeFailure,
  toExcerpt,
  toInputError,
  type Json,
  type JsonObject,
  type StandardSchema,
} from "../../base/index.ts";
import { KEY_META } from "./link.ts";
import type { ServerPackage } from "./load.ts";
import { toComparable } from "./names.ts";
import type { McpService, ServedCall, ServedTool } from "./served.ts";

const NAME = /^[A-Za-z0-9_.-]{1,128}$/u;
const LONGEST_MESSAGE = 4_000;

/** Makes the protocol's side of a service: one for each client. */
export type ServerFactory = () => Server;

/**
 * Checks a service and gives what makes its servers.
 *
 * @throws {InputError} MCP_OPTIONS, TOOL_NAME_TAKEN; SCHEMA_PATTERN, SCHEMA_UNUSABLE of an input schema.
 */
export function toServerFactory(service: McpService, sdk: ServerPackage): ServerFactory {
  checkNames(service.tools);
  const inputs = new Map(service.tools.map((tool) => [tool.name, fromJsonSchema<Json>(tool.inputSchema)]));
  const listed = service.tools.map(toListed);
  return () => {
    const info = { name: service.name, version: service.version };
    const server = new sdk.Server(info, { capabilities: { tools: {} } });
    server.setRequestHandler("tools/list", () => ({ tools: listed }));
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const input = inputs.get(params.name);
      if (input === undefined) {
        throw new sdk.ProtocolError(
          sdk.ProtocolErrorCode.InvalidParams,
          `There is no tool ${toExcerpt(params.name, 128)}.`,
        );
      }
      return await answer(params, { input, service, context });
    });
    return server;
  };
}

function checkNames(tools: readonly ServedTool[]): void {
  const taken = new Set<string>();
  for (const { name } of tools) {
    if (!NAME.test(name)) {
      const got = JSON.stringify(toExcerpt(name, 128));
      throw new InputError(
        "MCP_OPTIONS",
        `Expected a tool's name of letters, digits, _, - and ., got ${got}. Rename it.`,
      );
    }
    if (taken.has(toComparable(name))) {
      throw new InputError(
        "TOOL_NAME_TAKEN",
        `Two tools are called ${name}, or can be taken for one another. Rename one.`,
      );
    }
    taken.add(toComparable(name));
  }
}

function toListed({ name, description, inputSchema, outputSchema, annotations }: ServedTool) {
  return {
    name,
    description,
    inputSchema: { ...inputSchema, type: "object" as const },
    ...(outputSchema !== undefined && { outputSchema: { ...outputSchema, type: "object" as const } }),
    ...(annotations !== undefined && { annotations: { ...annotations } }),
  };
}

interface Answering {
  readonly input: StandardSchema<Json, Json>;
  readonly service: McpService;
  readonly context: ServerContext;
}

interface Asked {
  readonly name: string;
  readonly arguments?: unknown;
}

/** A failure of the tool is an answer, so that the model behind the client reads it and can do better. */
async function answer(asked: Asked, { input, service, context }: Answering): Promise<CallToolResult> {
  try {
    const value = checkStrictJson(asked.arguments ?? {});
    const checked = await input["~standard"].validate(value);
    if (checked.issues !== undefined) {
      throw toInputError(
        "The tool's input does not fit its schema",
        toProblems(checked.issues, "input", "INPUT_INVALID"),
      );
    }
    const output = await service.call(asked.name, isJsonObject(value) ? value : {}, toCall(context));
    return toResult(output);
  } catch (error) {
    const code = RuntimeFailure.is(error) ? error.code : "TOOL_FAILED";
    const message = toExcerpt(error instanceof Error ? error.message : String(error), LONGEST_MESSAGE);
    const structuredContent = { error: { code, message } };
    return { isError: true, content: [{ type: "text", text: `${code}: ${message}` }], structuredContent };
  }
}

/** Structured content has to be an object; anything else stands in one, as `output`. */
function toResult(output: Json): CallToolResult {
  const text = typeof output === "string" ? output : JSON.stringify(output);
  const structuredContent: JsonObject = isJsonObject(output) ? output : { output };
  return { content: [{ type: "text", text }], structuredContent: { ...structuredContent } };
}

function toCall({ mcpReq }: ServerContext): ServedCall {
  const token = mcpReq._meta?.progressToken;
  const key = mcpReq._meta?.[KEY_META];
  let last = Number.NEGATIVE_INFINITY;
  const progress: ServedCall["progress"] = (done, total, message) => {
    if (token === undefined || done <= last) return;
    last = done;
    const params = {
      progressToken: token,
      progress: done,
      ...(total !== undefined && { total }),
      ...(message !== undefined && { message }),
    };
    // A client that is gone hears nothing; the call's signal tells the rest.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
  return { signal: mcpReq.signal, progress, key: typeof key === "string" ? key : undefined };
}
