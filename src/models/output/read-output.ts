import {
  formatPath,
  toExcerpt,
  type Json,
  type Problem,
  type SchemaIssue,
  type StandardSchema,
} from "../../base/index.ts";
import type { ModelReply, ModelRequest } from "../port.ts";
import { findJson } from "./find-json.ts";

/** What a reply's text came to as JSON. */
export type Output<T = Json> =
  | { readonly tag: "fits"; readonly value: T }
  | { readonly tag: "unfit"; readonly problems: readonly Problem[] };

/**
 * Reads the JSON that a model was asked for out of its reply and checks it. A model may wrap it into words or a code
 * fence, and what it wrote may be cut; the first JSON in it that fits counts.
 *
 * @param schema of `request.output`, such as `fromJsonSchema(output)` of `pawl/action` gives it.
 */
export async function readOutput<T = Json>(
  reply: Pick<ModelReply, "text" | "finish">,
  schema: StandardSchema<unknown, T>,
): Promise<Output<T>> {
  let problems: readonly Problem[] | undefined;
  for (const { value } of findJson(reply.text)) {
    const result = await schema["~standard"].validate(value);
    if (result.issues === undefined) return { tag: "fits", value: result.value };
    problems ??= result.issues.map(toProblem);
  }
  return { tag: "unfit", problems: problems ?? [toNoJson(reply)] };
}

function toProblem({ message, path = [] }: SchemaIssue): Problem {
  const keys = path.map((part) => (typeof part === "object" ? part.key : part));
  return {
    code: "MODEL_OUTPUT_UNFIT",
    path: formatPath(keys.map((key) => (typeof key === "number" ? key : String(key)))),
    expected: "what the schema asks for",
    got: message,
    fix: "Correct the value at this path.",
  };
}

function toNoJson({ text, finish }: Pick<ModelReply, "text" | "finish">): Problem {
  const shown = text.trim() === "" ? "no text" : JSON.stringify(toExcerpt(text, 80));
  const cut = finish === "length" ? "The reply was cut: raise maxOutputTokens, or answer shorter." : "";
  const fix = cut === "" ? "Answer with the JSON alone." : cut;
  return { code: "MODEL_OUTPUT_UNFIT", path: "", expected: "JSON that fits the schema", got: shown, fix };
}

/** The request that asks a model to correct what it answered, with every problem and its path. */
export function toRepairRequest(
  request: ModelRequest,
  reply: Pick<ModelReply, "text">,
  problems: readonly Problem[],
): ModelRequest {
  const lines = problems.map(({ path, got, fix }) => `- ${path === "" ? "the whole" : path}: ${got} ${fix}`);
  const text = `Your answer does not fit the schema:\n${lines.join("\n")}\nAnswer again with the corrected JSON alone.`;
  // An answer that is too long to be right would only be paid for twice.
  const said = reply.text.length > 20_000 ? `${reply.text.slice(0, 20_000)}…` : reply.text;
  return { ...request, messages: [...request.messages, { role: "assistant", text: said }, { role: "user", text }] };
}
