import { defineAction, defineQuery, fromJsonSchema, type Action, type AnyAction } from "../action/index.ts";
import type { Json } from "../base/index.ts";
import type { Memory } from "./memory.ts";

const text = { type: "string", minLength: 1, maxLength: 20_000 } as const;

interface Recall {
  readonly query: string;
  readonly kind?: string;
}

/** What a recall finds. */
export interface Recalled {
  readonly entries: readonly { readonly id: string; readonly text: string }[];
}

const Found = fromJsonSchema<{ readonly entries: readonly { readonly id: string; readonly text: string }[] }>(true);

/**
 * Tools with which an agent looks facts up and writes them down. What is recalled has the labels of what was written; a
 * rollback forgets what was remembered.
 */
export function memoryTools(memory: Memory): readonly AnyAction[] {
  const recall = defineQuery("memory.recall", {
    description: "Looks up what was remembered earlier, by meaning or words.",
    input: fromJsonSchema<{ readonly query: string; readonly kind?: string }>({
      type: "object",
      properties: { query: text, kind: { type: "string" } },
      required: ["query"],
      additionalProperties: false,
    }),
    output: Found,
    run: async ({ input, label }) => find(memory, input, label),
  });
  const remember = defineAction("memory.remember", {
    description: "Writes a fact down, for later tasks too.",
    input: fromJsonSchema<{ readonly text: string; readonly kind?: string }>({
      type: "object",
      properties: { text, kind: { type: "string" } },
      required: ["text"],
      additionalProperties: false,
    }),
    output: fromJsonSchema<{ readonly id: string }>(true),
    repeat: "keyed",
    undo: ({ output }) => void memory.forget({ id: output.id }),
    run: async ({ input, key, run, labels }) => {
      await memory.remember({ id: key, kind: input.kind ?? "note", text: input.text, run, labels });
      return { id: key };
    },
  });
  return [recall, remember];
}

async function find(
  memory: Memory,
  { query, kind }: Recall,
  label: (...labels: ("untrusted" | "secret")[]) => void,
): Promise<{ entries: { id: string; text: string }[] }> {
  const entries = await memory.recall({ text: query, ...(kind !== undefined && { kind }) });
  for (const { labels } of entries) label(...labels);
  return { entries: entries.map(({ id, text: words }) => ({ id, text: words })) };
}

/**
 * The two actions with which an `AutoGPT` learns from run to run: give them as its `memory`. A lesson that one run wrote is
 * recalled when another has seen the same; a rollback takes the observation back.
 */
export function lessonTools(memory: Memory): {
  readonly recall: Action<Json, Json>;
  readonly learn: Action<Json, Json>;
} {
  const anything = fromJsonSchema<Json>(true);
  const recall = defineQuery("memory.lessons", {
    description: "Looks up lessons of earlier tasks.",
    input: anything,
    output: anything,
    run: async ({ input, label }) => {
      const { query, kind } = readLookup(input);
      const entries = await memory.recall({ text: query, kind, type: "lesson" });
      for (const { labels } of entries) label(...labels);
      return { entries: entries.map(({ id, text: words }) => ({ id, text: words })) };
    },
  });
  const learn = defineAction("memory.learn", {
    description: "Writes down what was learnt.",
    input: anything,
    output: anything,
    repeat: "keyed",
    undo: ({ run }) => memory.unlearn(run),
    run: async ({ input, run, labels }) => {
      const { kind, lessons } = readLessons(input);
      const ids: string[] = [];
      for (const lesson of lessons) ids.push(await memory.learn({ kind, text: lesson, run, labels }));
      return { ids };
    },
  });
  return { recall, learn };
}

function readLookup(input: Json): { readonly query: string; readonly kind: string } {
  const { query, kind }: { query?: unknown; kind?: unknown } = Object(input);
  return { query: typeof query === "string" ? query : JSON.stringify(query ?? ""), kind: String(kind) };
}

function readLessons(input: Json): { readonly kind: string; readonly lessons: readonly string[] } {
  const { kind, lessons }: { kind?: unknown; lessons?: unknown } = Object(input);
  return {
    kind: String(kind),
    lessons: Array.isArray(lessons) ? lessons.filter((one) => typeof one === "string") : [],
  };
}
