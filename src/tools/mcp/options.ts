import type { AttemptContext, Limits, Outcome, Repeat, UndoContext } from "../../action/index.ts";
import type { Json, JsonObject } from "../../base/index.ts";
import type { Pins } from "./pins.ts";

/** A server that is a program on this machine, or one that answers at a URL. */
export type McpTarget = McpProgram | McpAddress;

/** A server as a child process, spoken to through its standard input and output. */
export interface McpProgram {
  /** First part of its tools' names: a letter, then letters, digits, `_` and `-`; 64 characters at most. */
  readonly name: string;
  /** The program and its arguments. Never a line for a shell. */
  readonly command: readonly string[];
  /** All the variables that it sees beside PATH and HOME. Their values are kept out of error messages. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A server that speaks streamable HTTP. */
export interface McpAddress {
  readonly name: string;
  readonly url: string;
  /** Sent with every request. Their values are kept out of error messages. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The way out to the network. Default: the global one. */
  readonly fetch?: (url: string | URL, init?: RequestInit) => Promise<Response>;
}

/** What the owner says of one tool. It counts more than what the server says. */
export type McpNature = { readonly approve?: "always"; readonly version?: number } & (
  | { readonly isQuery: true }
  | {
      readonly isQuery?: false;
      readonly repeat: Repeat;
      readonly undo: "not-needed" | "impossible" | ((context: UndoContext<Json, Json>) => unknown);
      readonly check?: (context: AttemptContext<Json>) => Outcome<Json> | Promise<Outcome<Json>>;
      readonly identity?: (input: Json) => string;
    }
);

/** How a server's tools become actions. */
export interface McpOptions {
  /** Where approved tools are remembered: a JSON file, or a map. Default: a map of this connection's own. */
  readonly pins?: Pins;
  /** Asked for each tool that is new or not the one that was approved. A promise leaves it refused until it answers. */
  readonly approve?: (change: McpChange) => boolean | Promise<boolean>;
  /** Tools never seen before are approved without asking. A changed one never is. */
  readonly trustFirst?: boolean;
  /** Believes the server that a tool only reads (`readOnlyHint`), or may be repeated (`idempotentHint`). */
  readonly trustHints?: boolean;
  /** Lets values labelled `secret` go to the server. Default: each such call waits for a person. */
  readonly takesSecrets?: boolean;
  /** By the tool's own name. Default of each: `repeat: "never"`, `undo: "impossible"`. */
  readonly natures?: Readonly<Record<string, McpNature>>;
  readonly output?: McpOutputOptions;
  /** Of one call; and `connectMs` for the start of a session. Default: idle 60 s, one call 10 min, connect 30 s. */
  readonly limits?: Limits & { readonly connectMs?: number };
}

/** What is kept of a result. */
export interface McpOutputOptions {
  /** Of the output as JSON. Default: 1,048,576. */
  readonly maxBytes?: number;
  /** Keeps images, sounds and binary resources as base64. Default: they are described only. */
  readonly keepsBinary?: boolean;
}

/** A tool that waits for its owner's word. */
export interface McpChange {
  readonly server: string;
  readonly tool: string;
  readonly kind: "new" | "changed";
  /** With every hidden character shown. */
  readonly description: string;
  readonly input: JsonObject;
  readonly hash: string;
  /** The hash that was approved. */
  readonly approved: string | undefined;
}

/** A tool that is not offered, and why. */
export interface McpRefusal {
  readonly tool: string;
  readonly code: McpRefusalCode;
  readonly reason: string;
}

/** Why a tool is not offered. */
export type McpRefusalCode =
  | "MCP_TOOL_NEW"
  | "MCP_TOOL_CHANGED"
  | "MCP_TOOL_UNUSABLE"
  | "MCP_TOOL_GONE"
  | "TOOL_NAME_TAKEN";
