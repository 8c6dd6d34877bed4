import { fromJsonSchema, toJsonSchema } from "../../action/index.ts";
import {
  canonicalJson,
  checkStrictJson,
  InputError,
  isJsonObject,
  RuntimeFailure,
  sha256,
  toExcerpt,
  type Json,
  type JsonObject,
  type StandardSchema,
} from "../../base/index.ts";
import { toComparable } from "./names.ts";
import type { McpRefusal, McpRefusalCode } from "./options.ts";
import { hasHidden, showHidden } from "./visible-text.ts";

/** A tool as its server describes it, checked. */
export interface McpTool {
  readonly name: string;
  /** With every hidden character shown. */
  readonly description: string;
  readonly input: StandardSchema<Json, Json>;
  readonly inputSchema: JsonObject;
  /** Undefined: the server promises no structure. */
  readonly output: StandardSchema<Json, Json> | undefined;
  readonly hints: { readonly isReadOnly: boolean; readonly isIdempotent: boolean };
  /** Of all that a model or a person is told of it, as the server sent it. */
  readonly hash: string;
}

/** What a server lists: what can be used, and what can't. */
export interface McpListing {
  readonly tools: ReadonlyMap<string, McpTool>;
  readonly refused: readonly McpRefusal[];
}

const NAME = /^[A-Za-z0-9_.-]{1,128}$/u;
const LONGEST_DESCRIPTION = 16_384;
const LARGEST_BYTES = 262_144;
/** What a model or a person is told. The rest (`_meta`, icons) goes nowhere. */
const TOLD = ["name", "title", "description", "inputSchema", "outputSchema", "annotations"];
/** Keywords of a schema that are words for people. */
const WORDS: ReadonlySet<string> = new Set(["title", "description", "$comment"]);

/** Reads what a server lists. Tools of one name are all refused: nobody can say which of them would be called. */
export function readListing(listed: readonly unknown[]): McpListing {
  const raw = listed.map(toRaw);
  const counts = new Map<string, number>();
  for (const { name } of raw) counts.set(toComparable(name), (counts.get(toComparable(name)) ?? 0) + 1);
  const tools = new Map<string, McpTool>();
  const refused = new Map<string, McpRefusal>();
  for (const one of raw) {
    const isTaken = (counts.get(toComparable(one.name)) ?? 0) > 1;
    const read = isTaken ? toTaken(one.name) : readOrRefuse(one);
    if ("code" in read) refused.set(read.tool, read);
    else tools.set(read.name, read);
  }
  return { tools, refused: [...refused.values()] };
}

interface RawTool {
  readonly name: string;
  readonly value: unknown;
}

function toRaw(value: unknown): RawTool {
  const name = isJsonObject(value) ? value["name"] : undefined;
  return { name: typeof name === "string" ? name : "", value };
}

function toTaken(name: string): McpRefusal {
  const reason = "The server lists two tools of this name, or of names that can be taken for one another.";
  return refuse(name, "TOOL_NAME_TAKEN", reason);
}

function readOrRefuse({ name, value }: RawTool): McpTool | McpRefusal {
  try {
    return readTool(name, checkStrictJson(value, { maxBytes: LARGEST_BYTES }));
  } catch (error) {
    if (!RuntimeFailure.is(error)) throw error;
    return refuse(name, "MCP_TOOL_UNUSABLE", toExcerpt(error.message, 1_000));
  }
}

function refuse(name: string, code: McpRefusalCode, reason: string): McpRefusal {
  return { tool: toExcerpt(showHidden(name), 128), code, reason };
}

function readTool(name: string, listed: Json): McpTool {
  if (!isJsonObject(listed)) throw unusable("an object", "something else");
  if (!NAME.test(name)) throw unusable("a name of letters, digits, _, - and .", JSON.stringify(name));
  const { description = "", inputSchema = null, outputSchema, annotations = null } = listed;
  if (typeof description !== "string" || description.length > LONGEST_DESCRIPTION) {
    throw unusable(`a description of at most ${LONGEST_DESCRIPTION} characters`, "another");
  }
  refuseTask(listed);
  const input = readSchema(inputSchema, "inputSchema");
  const hints = isJsonObject(annotations) ? annotations : {};
  return {
    name,
    description: showHidden(description),
    input: fromJsonSchema<Json>(input),
    inputSchema: input,
    output: outputSchema === undefined ? undefined : fromJsonSchema<Json>(readSchema(outputSchema, "outputSchema")),
    hints: { isReadOnly: hints["readOnlyHint"] === true, isIdempotent: hints["idempotentHint"] === true },
    hash: toToolHash(listed),
  };
}

function refuseTask({ execution = null }: JsonObject): void {
  if (!isJsonObject(execution) || execution["taskSupport"] !== "required") return;
  throw unusable("a tool that answers the call itself", "one that can only be called as an MCP task");
}

function readSchema(schema: Json, where: string): JsonObject {
  if (!isJsonObject(schema)) throw unusable(`${where}: a JSON Schema`, "something else");
  const shown = showInside(schema, where);
  if (!isJsonObject(shown)) throw unusable(`${where}: a JSON Schema`, "something else");
  const written = (): Record<string, unknown> => ({ ...shown });
  const validate = (value: unknown): { readonly value: unknown } => ({ value });
  const standard = { version: 1, vendor: "mcp", validate, jsonSchema: { input: written, output: written } } as const;
  return toJsonSchema({ "~standard": standard }, "input", where) ?? {};
}

/** Words for people are shown whole; in what is data, a hidden character can't be shown without changing it. */
function showInside(value: Json, where: string): Json {
  if (typeof value === "string") {
    if (hasHidden(value.replaceAll(/[\n\t]/gu, "")))
      throw unusable(`${where}: text that can be seen`, showHidden(value));
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => showInside(item, where));
  if (!isJsonObject(value)) return value;
  const shown: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (hasHidden(key)) throw unusable(`${where}: names that can be seen`, showHidden(key));
    shown[key] = WORDS.has(key) && typeof inner === "string" ? showHidden(inner) : showInside(inner, where);
  }
  return shown;
}

function toToolHash(listed: JsonObject): string {
  const told = Object.entries(listed).filter(([key]) => TOLD.includes(key));
  return sha256(canonicalJson(Object.fromEntries(told)));
}

function unusable(expected: string, got: string): InputError {
  return new InputError("MCP_TOOL_UNUSABLE", `Expected ${expected}, got ${toExcerpt(got, 200)}.`);
}
