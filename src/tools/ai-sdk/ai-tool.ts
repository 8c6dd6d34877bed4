import type { AttemptContext, LabelRules, Limits, Outcome, Repeat, UndoContext } from "../../action/index.ts";
import type { Json } from "../../base/index.ts";

/**
 * A tool of the AI SDK, as `tool()` and `dynamicTool()` give it. Told by its shape, so that neither `ai` nor its types
 * have to be there.
 *
 * @see https://ai-sdk.dev/docs/reference/ai-sdk-core/tool
 */
export interface AiTool {
  readonly type?: string | undefined;
  readonly description?: unknown;
  /** Standard Schema (zod and others), `jsonSchema(...)`, or a function that gives one of these. */
  readonly inputSchema: unknown;
  readonly outputSchema?: unknown;
  readonly execute?: AiExecute | undefined;
  readonly needsApproval?: unknown;
}

/** As a method, since a tool of any input is to fit. */
type AiExecute = { run(input: unknown, options: AiToolCall): unknown }["run"];

/** What a tool of the AI SDK is told beside its input. */
export interface AiToolCall {
  /** The idempotency key of the attempt: equal for all attempts of one effect. */
  readonly toolCallId: string;
  /** Always empty: an action sees its input, not the conversation. */
  readonly messages: never[];
  readonly abortSignal: AbortSignal;
  readonly context: Record<string, unknown>;
}

/** What the owner says of a tool. Without a nature: it is never repeated, and can't be undone. */
export type AiToolNature = {
  readonly description?: string;
  readonly version?: number;
  readonly approve?: "always";
  readonly labels?: LabelRules;
  readonly limits?: Limits;
  /** Given to `execute` as `context`. Default: empty. */
  readonly context?: Record<string, unknown>;
} & (
  | { readonly isQuery: true }
  | {
      readonly isQuery?: false;
      readonly repeat?: Repeat;
      readonly undo?: "not-needed" | "impossible" | ((context: UndoContext<Json, Json>) => unknown);
      readonly check?: (context: AttemptContext<Json>) => Outcome<Json> | Promise<Outcome<Json>>;
      readonly identity?: (input: Json) => string;
    }
);
