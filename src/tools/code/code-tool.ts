import { defineQuery, fromJsonSchema, type Action } from "../../action/index.ts";
import type { Json } from "../../base/index.ts";
import { runInWorker } from "./in-worker.ts";
import { readCodeOptions, type CodeOptions } from "./options.ts";
import { toCodeOutput, type CodeOutput } from "./outcome.ts";

/** Code, and the value that it sees as `input`. */
export type CodeInput = { readonly code: string; readonly input?: Json };

const inputSchema = {
  type: "object",
  properties: {
    code: { type: "string", description: "An expression, or the body of an async function that returns its value." },
    input: { description: "Any JSON value; the code sees it as `input`." },
  },
  required: ["code"],
  additionalProperties: false,
} as const;
const outputSchema = {
  type: "object",
  properties: { value: {}, log: { type: "array", items: { type: "string" } } },
  required: ["value", "log"],
  additionalProperties: false,
} as const;

/**
 * Gives a query that runs JavaScript which nobody needs to trust: in QuickJS, compiled to WebAssembly, in a worker of
 * its own that is killed at the deadline or when the attempt is stopped. The code sees the language, `input`,
 * `console`, the clock and chance, and nothing of the host: no files, network, timers, modules, environment or zone.
 *
 * Needs the packages `quickjs-emscripten-core` and `@jitl/quickjs-wasmfile-release-sync`, loaded at the first call.
 *
 * @throws {InputError} TOOL_OPTIONS
 */
export function codeTool(options: CodeOptions = {}): Action<CodeInput, CodeOutput> {
  const limits = readCodeOptions(options);
  return defineQuery(limits.name, {
    description: limits.description,
    input: fromJsonSchema<CodeInput>(inputSchema),
    output: fromJsonSchema<CodeOutput>(outputSchema),
    run: async ({ input: { code, input = null }, signal }) => {
      const ending = await runInWorker({ ...limits, code, input: JSON.stringify(input) }, signal);
      return toCodeOutput(ending, limits);
    },
  });
}
