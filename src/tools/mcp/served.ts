import type { Readable, Writable } from "node:stream";
import type { Json, JsonObject } from "../../base/index.ts";

/** A tool that is offered over MCP. */
export interface ServedTool {
  /** Letters, digits, `_`, `-` and `.`; 128 at most. Many clients take only 64, and no dot. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object; inputs are checked against it. */
  readonly inputSchema: JsonObject;
  /** JSON Schema of an object. Only for a tool whose every output is one. */
  readonly outputSchema?: JsonObject;
  readonly annotations?: {
    readonly title?: string;
    readonly readOnlyHint?: boolean;
    readonly destructiveHint?: boolean;
    readonly idempotentHint?: boolean;
    readonly openWorldHint?: boolean;
  };
}

/** What goes with one call. */
export interface ServedCall {
  /** Aborted when the client cancels the call, or is gone. */
  readonly signal: AbortSignal;
  /** Tells the client that work goes on, where it wants to know. `done` must grow; what doesn't is not sent. */
  readonly progress: (done: number, total?: number, message?: string) => void;
  /** The idempotency key, where the client is a Pawl. */
  readonly key: string | undefined;
}

/** What is offered, and who does it. */
export interface McpService {
  readonly name: string;
  readonly version: string;
  readonly tools: readonly ServedTool[];
  /** Does the work. What it throws is told to the client as a failure of the tool, with its code. */
  readonly call: (name: string, input: JsonObject, context: ServedCall) => Promise<Json>;
}

/** Where a service is offered. */
export type McpPlace = McpPipes | McpPort;

/** Over pipes; by default the process's own. Nothing else may then write to standard output. */
export interface McpPipes {
  readonly type: "stdio";
  readonly input?: Readable;
  readonly output?: Writable;
}

/** Over HTTP, on 127.0.0.1 only. */
export interface McpPort {
  readonly type: "http";
  /** Default: any that is free. */
  readonly port?: number;
  /** 32 characters at least. Default: 32 random bytes. */
  readonly token?: string;
  /** Web pages that may call, as `https://example.com`. Default: none. */
  readonly origins?: readonly string[];
}

/** A service while it is offered. */
export interface McpServing {
  /** Where it is; undefined over pipes. */
  readonly url: string | undefined;
  /** What a client has to send as `Authorization: Bearer TOKEN`; undefined over pipes. */
  readonly token: string | undefined;
  /** Resolves when it is over: closed, or the client of the pipes is gone. */
  readonly closed: Promise<void>;
  /** Aborts the calls that are under way and ends it. */
  readonly close: () => Promise<void>;
}
