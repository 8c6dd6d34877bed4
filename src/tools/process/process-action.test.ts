import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AttemptContext, EffectDefinition, UndoContext } from "../../action/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { processAction } from "./process-action.ts";

const NODE = process.execPath;

function forNode(node: { with: Json; effect?: JsonObject }): EffectDefinition {
  const { definition } = processAction;
  if (definition.tag !== "by-node") throw new Error("expected a definition by node");
  return definition.forNode({ with: node.with, effect: node.effect });
}

function context(input: Json, signal: AbortSignal = new AbortController().signal): AttemptContext<Json> {
  return { input, key: "key-1", token: 7, signal, run: "run-1", node: "node-1", attempt: 2, alive: () => undefined };
}

const undoContext = (input: Json, output: Json): UndoContext<Json, Json> => ({
  ...context(input),
  key: "undo-key",
  undoes: "key-1",
  output,
});

/** Gives `with` of a node that runs a JavaScript program. */
const script = (code: string, options: JsonObject = {}): JsonObject => ({ command: [NODE, "-e", code], ...options });

const run = async (input: Json): Promise<unknown> => await forNode({ with: input }).run(context(input));

const echo = "process.stdin.pipe(process.stdout)";
const argv = "console.log(JSON.stringify(process.argv.slice(1)))";

describe("a process", () => {
  it("reads JSON and writes JSON", async () => {
    const stdin = { text: 'a "quoted"\nline', list: [1, null, true] };
    expect(await run(script(echo, { stdin }))).toEqual(stdin);
    expect(await run(script(echo, { input: stdin }))).toEqual(stdin);
    expect(await run(script(echo))).toBe(null);
  });

  it("gets its arguments as they are", async () => {
    const words = [
      "two words",
      "new\nline",
      "ü 漢 🦊",
      "$HOME",
      "`id`",
      "$(id)",
      "; exit 1",
      "*",
      "",
      "--",
      "'",
      '"',
      "\\",
    ];
    expect(await run({ command: [NODE, "-e", argv, "--", ...words] })).toEqual(words);
    expect(await run({ command: [NODE, "-e", argv, "--", 12, true, 0.5] })).toEqual(["12", "true", "0.5"]);
  });
});
