import { resolve } from "node:path";
import { fromJsonSchema, type AnyAction } from "../../action/index.ts";
import { askPerson } from "../../agents/index.ts";
import type { Json, JsonObject } from "../../base/index.ts";
import type { Config } from "../../executor/index.ts";
import { codeTool, fetchTool, fileTools, shellTool } from "../../tools/index.ts";
import { badValue } from "../parse-arguments.ts";
import { nearest } from "../suggest.ts";

/** Tools that work in one folder: `WORD:DIR`, or `WORD:DIR:ro` where they may only read; one of several: `NAME:DIR`. */
interface BoundTool {
  readonly word: string;
  readonly make: (dir: string, isReadOnly: boolean) => readonly AnyAction[];
}

const CODE_INPUT: JsonObject = {
  type: "object",
  properties: {
    code: { type: "string", description: "An expression, or the body of an async function that returns its value." },
    input: {
      type: ["object", "array", "string", "number", "boolean", "null"],
      description: "Any JSON value; the code sees it as `input`.",
    },
  },
  required: ["code"],
  additionalProperties: false,
};

/** Without a choice at its root, which models would be shown inside a field of its own. */
const SHELL_INPUT: JsonObject = {
  type: "object",
  properties: {
    command: {
      type: "array",
      items: { type: "string" },
      minItems: 1,
      description: "A program and its arguments; without `script`.",
    },
    script: { type: "string", minLength: 1, description: "Lines for `sh`; without `command`." },
    stdin: { type: "string", description: "Text for its standard input." },
  },
  minProperties: 1,
  additionalProperties: false,
};

/** Tools of the command line that need nothing more. */
const PLAIN: readonly AnyAction[] = [fetchTool(), withInput(codeTool(), CODE_INPUT), askPerson];

/** Some servers, such as llama.cpp's, refuse a schema that leaves a type open. */
function withInput(action: AnyAction, input: JsonObject): AnyAction {
  const { definition } = action;
  if (definition.tag !== "effect") return action;
  return { ...action, definition: { ...definition, input: fromJsonSchema<Json>(input) } };
}

function isQuery({ definition }: AnyAction): boolean {
  return definition.tag === "effect" && definition.isQuery;
}

/** Tools of the command line that need a folder. A name must always have the same nature, whatever the folder. */
const BOUND: readonly BoundTool[] = [
  { word: "files", make: (dir, readOnly) => fileTools(dir).filter((tool) => !readOnly || isQuery(tool)) },
  {
    word: "shell",
    make: (dir, readOnly) => [
      withInput(shellTool({ dir, readOnly, name: readOnly ? "shell_ro" : "shell" }), SHELL_INPUT),
    ],
  },
];

/** Those that plan files may use too. To ask a person is a question of the plan, and never called. */
export function plainTools(): readonly AnyAction[] {
  return PLAIN.filter((tool) => tool !== askPerson);
}

/** What a tool that needs a folder is registered with; the real one is made for the run that calls it. */
const ANYWHERE = resolve("/nowhere");

/** The tools that can be registered without knowing any run: those that need a folder stand for all folders. */
export function unboundTools(): readonly AnyAction[] {
  const bound = BOUND.flatMap(({ make }) => [...make(ANYWHERE, true), ...make(ANYWHERE, false)]);
  return [...plainTools(), ...new Map(bound.map((action) => [action.name, action])).values()];
}

/** A row of the list of tools. */
export interface ToolRow {
  /** What `--tools` takes. */
  readonly name: string;
  readonly action: AnyAction;
  readonly description: string | undefined;
}

/** All that `--tools` can name. */
export function allTools({ use = [] }: Config): readonly ToolRow[] {
  const own = use.map((action) => ({ name: action.name, action, description: action.description }));
  const names = new Set(own.map(({ name }) => name));
  const plain = PLAIN.filter(({ name }) => !names.has(name)).map((action) => ({
    name: action.name,
    action,
    description: action.description,
  }));
  const bound = BOUND.flatMap((tool) => [...toRows(tool, false), ...toRows(tool, true)]);
  return [...own, ...plain, ...bound];
}

function toRows({ word, make }: BoundTool, isReadOnly: boolean): readonly ToolRow[] {
  const actions = make(ANYWHERE, isReadOnly);
  return actions.map((action) => ({
    name: `${word}:DIR${isReadOnly ? ":ro" : ""}`,
    action,
    description: actions.length === 1 ? action.description : `${action.name}: ${action.description ?? ""}`,
  }));
}

/** The tools that an agent has where nobody says which: those of the configuration, and those that need no folder. */
export function defaultTools(config: Config): readonly string[] {
  const own = (config.use ?? []).filter(({ definition }) => definition.tag !== "by-node").map(({ name }) => name);
  const mayHave = PLAIN.filter(({ name }) => name !== "code" || hasPackage("quickjs-emscripten-core"));
  return [...new Set([...own, ...mayHave.map(({ name }) => name)])];
}

function hasPackage(name: string): boolean {
  try {
    return import.meta.resolve(name) !== "";
  } catch {
    return false;
  }
}

/** Makes folders absolute, so that the same tools are found from everywhere. */
export function pinTool(name: string, cwd: string): string {
  const bound = readBound(name);
  return bound === undefined ? name : `${bound.word}:${resolve(cwd, bound.dir)}${bound.isReadOnly ? ":ro" : ""}`;
}

/** Gives the actions behind names of `--tools`. @throws {InputError} CLI_BAD_VALUE with the one that was meant. */
export function findTools(names: readonly string[], config: Config, path: string = "--tools"): readonly AnyAction[] {
  const found = names.flatMap((name) => findTool(name, config, path));
  return [...new Map(found.map((action) => [action.name, action])).values()];
}

function findTool(name: string, { use = [] }: Config, path: string): readonly AnyAction[] {
  const plain = [...use, ...PLAIN].find((action) => action.name === name);
  if (plain !== undefined) return [plain];
  const bound = readBound(name);
  if (bound === undefined) throw unknownTool(name, { use }, path);
  const actions = bound.tool.make(bound.dir, bound.isReadOnly);
  const named = bound.word === bound.tool.word ? actions : actions.filter((action) => action.name === bound.word);
  if (named.length === 0) throw unknownTool(name, { use }, path);
  return named;
}

interface Bound {
  readonly tool: BoundTool;
  readonly word: string;
  readonly dir: string;
  readonly isReadOnly: boolean;
}

function readBound(name: string): Bound | undefined {
  const [, word = "", dir = "", readOnly] = /^([\w.]+):(.+?)(:ro)?$/u.exec(name) ?? [];
  const tool = BOUND.find(
    (one) => one.word === word || one.make(ANYWHERE, false).some((action) => action.name === word),
  );
  return tool === undefined ? undefined : { tool, word, dir, isReadOnly: readOnly !== undefined };
}

/** The error for a tool that does not exist. */
function unknownTool(name: string, config: Config, path: string): ReturnType<typeof badValue> {
  const rows = [...new Set(allTools(config).map((row) => row.name))];
  const [word = ""] = name.split(":");
  const bound = BOUND.find((tool) => tool.word === word);
  const near = nearest(name, rows);
  const fix =
    bound !== undefined
      ? `Name the folder: ${word}:DIR, or ${word}:DIR:ro to only read.`
      : near === undefined
        ? "`pawl tools ls` lists them; your own come from `use` in pawl.config.ts."
        : `Did you mean ${near}?`;
  return badValue(path, { expected: rows.join(", "), got: JSON.stringify(name), fix });
}
