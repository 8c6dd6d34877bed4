import { defineAction, defineQuery, fromJsonSchema, type Action, type AnyAction } from "../action/index.ts";
import type { Json } from "../base/index.ts";
import type { Memory } from "./memory.ts";

const text = { type: "string", minLength: 1, maxLength: 20_000 } as const;
const kind = { type: "string", minLength: 1, maxLength: 200 } as const;
const MOST = 20;

/** What the tools of a memory are told. */
export interface MemoryToolOptions {
  /** First part of the actions' names: give each memory its own where one plan uses two. Default `memory`. */
  readonly name?: string;
}

interface Recall {
  readonly query: string;
  readonly kind?: string;
  readonly k?: number;
}

interface Found {
  readonly entries: readonly { readonly id: string; readonly text: string; readonly kind: string }[];
}

/**
 * Tools with which an agent looks up what was remembered and writes facts down. What is recalled has the labels of what
 * was written; a rollback forgets what was remembered.
 */
export function memoryTools(memory: Memory, { name = "memory" }: MemoryToolOptions = {}): readonly AnyAction[] {
  const recall = defineQuery(`${name}.recall`, {
    description: "Looks up what was remembered earlier, by meaning or words.",
    input: fromJsonSchema<{ readonly query: string; readonly kind?: string; readonly k?: number }>({
      type: "object",
      properties: { query: text, kind, k: { type: "integer", minimum: 1, maximum: MOST } },
      required: ["query"],
      additionalProperties: false,
    }),
    output: fromJsonSchema<{ readonly entries: Found["entries"] }>(true),
    run: async ({ input, label, signal }) => {
      const query = toQuery(input);
      const entries = await memory.recall({ ...query, signal });
      for (const { labels } of entries) label(...labels);
      return { entries: entries.map((entry) => ({ id: entry.id, text: entry.text, kind: entry.kind })) };
    },
  });
  const remember = defineAction(`${name}.remember`, {
    description: "Writes a fact down, for later tasks too.",
    input: fromJsonSchema<{ readonly text: string; readonly kind?: string }>({
      type: "object",
      properties: { text, kind },
      required: ["text"],
      additionalProperties: false,
    }),
    output: fromJsonSchema<{ readonly id: string }>(true),
    repeat: "keyed",
    undo: ({ undoes }) => void memory.forget({ id: undoes }),
    undoesUnknown: true,
    run: async ({ input, key, run, node, labels, signal }) => {
      await memory.remember({ id: key, kind: input.kind ?? "note", text: input.text, run, node, labels, signal });
      return { id: key };
    },
  });
  return [recall, remember];
}

function toQuery({ query, kind: about, k }: Recall): { text: string; kind?: string; most?: number } {
  return { text: query, ...(about !== undefined && { kind: about }), ...(k !== undefined && { most: k }) };
}

/**
 * The two actions with which an `AutoGPT` learns from run to run: give them as its `memory`. A lesson that one run wrote is
 * recalled when another has seen the same; a rollback takes the observation back.
 */
export function lessonTools(
  memory: Memory,
  { name = "memory" }: MemoryToolOptions = {},
): { readonly recall: Action<Json, Json>; readonly learn: Action<Json, Json> } {
  const recall = defineQuery(`${name}.lessons`, {
    description: "Looks up lessons of earlier tasks of a kind.",
    input: fromJsonSchema<Json>({
      type: "object",
      properties: { query: true, kind },
      required: ["query", "kind"],
      additionalProperties: false,
    }),
    output: fromJsonSchema<Json>(true),
    run: async ({ input, label, signal }) => {
      const { query, kind: about } = readFields(input);
      const words = typeof query === "string" ? query : JSON.stringify(query);
      // Lessons are few, and what all tasks of a kind have in common need not share a word with this one.
      const entries = await memory.recall({ text: words, kind: about, type: "lesson", isFilled: true, signal });
      for (const { labels } of entries) label(...labels);
      return { entries: entries.map((entry) => ({ id: entry.id, text: entry.text })) };
    },
  });
  const learn = defineAction(`${name}.learn`, {
    description: "Writes down what was learnt.",
    input: fromJsonSchema<Json>({
      type: "object",
      properties: { kind, lessons: { type: "array", items: text, maxItems: 50 } },
      required: ["kind", "lessons"],
      additionalProperties: false,
    }),
    output: fromJsonSchema<Json>(true),
    repeat: "keyed",
    undo: ({ undoes }) => memory.unlearn({ key: undoes }),
    undoesUnknown: true,
    run: async ({ input, key, run, node, labels, signal }) => {
      const { kind: about, lessons } = readFields(input);
      const ids: string[] = [];
      for (const words of lessons)
        ids.push(await memory.learn({ kind: about, text: words, run, node, key, labels, signal }));
      return { ids };
    },
  });
  return { recall, learn };
}

/** The schemas have checked what these fields are; only their types are lost. */
function readFields(input: Json): { readonly query: Json; readonly kind: string; readonly lessons: readonly string[] } {
  const {
    query = null,
    kind: about = "",
    lessons = [],
  }: { query?: Json; kind?: string; lessons?: readonly string[] } = Object(input);
  return { query, kind: about, lessons };
}
