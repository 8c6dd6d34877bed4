import { defineAction, defineQuery, fromJsonSchema, type ActionBase, type AnyAction } from "../../action/index.ts";
import type { Json, StandardSchema } from "../../base/index.ts";
import type { McpNature, McpOptions } from "./options.ts";
import type { McpSession } from "./session.ts";
import type { McpTool } from "./tool.ts";

const IDLE_MS = 60_000;
const TIMEOUT_MS = 600_000;

/** What a tool gives that promises no structure. */
const PLAIN: StandardSchema<Json, Json> = fromJsonSchema<Json>({
  type: "object",
  properties: { text: { type: "string" }, structured: true, parts: { type: "array", items: { type: "object" } } },
  required: ["text"],
});

/** Makes an action of a tool. What the server says of its nature counts only where its owner believes it. */
export function defineTool(
  tool: McpTool,
  session: McpSession,
  options: McpOptions & { readonly name: string },
): AnyAction {
  const nature = options.natures?.[tool.name] ?? toBelieved(tool, options.trustHints === true);
  const { connectMs: _own, ...limits } = options.limits ?? {};
  const isQuery = nature.isQuery === true;
  const shared: ActionBase<StandardSchema<Json, Json>, StandardSchema<Json, Json>> = {
    input: tool.input,
    output: tool.output ?? PLAIN,
    description:
      tool.description === "" ? `The tool ${tool.name} of the MCP server ${options.name}.` : tool.description,
    labels: { gives: ["untrusted"], refuses: options.takesSecrets === true ? [] : ["secret"] },
    run: async (context) => await session.call(tool, isQuery, context),
    idleMs: IDLE_MS,
    timeoutMs: TIMEOUT_MS,
    ...limits,
    ...(nature.version !== undefined && { version: nature.version }),
    ...(nature.approve !== undefined && { approve: nature.approve }),
  };
  const name = `${options.name}.${tool.name}`;
  return nature.isQuery === true ? defineQuery(name, shared) : defineEffect(name, shared, nature);
}

type Effect = Exclude<McpNature, { readonly isQuery: true }>;

function defineEffect(
  name: string,
  shared: ActionBase<StandardSchema<Json, Json>, StandardSchema<Json, Json>>,
  { repeat, undo, check, identity }: Effect,
): AnyAction {
  return defineAction(name, {
    ...shared,
    repeat,
    undo,
    ...(check !== undefined && { check }),
    ...(identity !== undefined && { identity }),
  });
}

function toBelieved({ hints }: McpTool, isTrusting: boolean): McpNature {
  if (isTrusting && hints.isReadOnly) return { isQuery: true };
  return { repeat: isTrusting && hints.isIdempotent ? "safe" : "never", undo: "impossible" };
}
