import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { QUIET, type AnyAction, type AttemptContext, type EffectDefinition } from "../../action/index.ts";
import type { Json } from "../../base/index.ts";
import { defineProcess } from "./define-process.ts";

const schemas = { input: z.object({ order: z.string() }), output: z.object({ id: z.string() }) };
const ECHO = "process.stdin.pipe(process.stdout)";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pawl-define-process-"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

function effectOf({ definition }: AnyAction): EffectDefinition {
  if (definition.tag !== "effect") throw new Error("expected an effect");
  return definition;
}

function toContext(input: Json): AttemptContext<Json> {
  const { signal } = new AbortController();
  return { ...QUIET, input, key: "key-1", token: 7, signal, run: "run-1", node: "node-1", attempt: 1 };
}

it("gives an ordinary action with the nature that its owner states", () => {
  const action = defineProcess("pay", {
    ...schemas,
    command: ["pay"],
    repeat: "keyed",
    undo: "impossible",
    identity: ({ order }) => order,
    version: 3,
    timeoutMs: 9,
  });
  expect(action).toMatchObject({ name: "pay", version: 3 });
  const nature = { repeat: "keyed", undo: "impossible", isQuery: false, limits: { timeoutMs: 9 }, check: undefined };
  expect(effectOf(action)).toMatchObject({ ...nature, ...schemas });
  expect(effectOf(action).identity?.({ order: "o" })).toBe("o");
});

it("runs its command with the input as standard input, or made into arguments", async () => {
  const echo = defineProcess("echo", {
    ...schemas,
    command: [process.execPath, "-e", ECHO],
    repeat: "safe",
    undo: "not-needed",
  });
  expect(await effectOf(echo).run(toContext({ order: "a" }))).toEqual({ order: "a" });
  const made = defineProcess("made", {
    ...schemas,
    command: ({ order }) => ["echo", "--", order, "$HOME"],
    repeat: "safe",
    undo: "not-needed",
    process: { output: "text" },
  });
  expect(await effectOf(made).run(toContext({ order: "a b" }))).toBe("-- a b $HOME");
});

it("undoes and checks with commands that see input and output", async () => {
  const file = join(folder, "undone");
  const pay = defineProcess("pay", {
    ...schemas,
    command: ["true"],
    repeat: "never",
    undo: {
      command: ({ input, output }) => [
        "sh",
        "-c",
        'echo "$1 $2 $PAWL_KIND $(cat)" > "$3"',
        "sh",
        input.order,
        output.id,
        file,
      ],
    },
    check: { command: ({ order }) => ["sh", "-c", 'test "$1" = known && echo \'{"id":"1"}\' || exit 3', "sh", order] },
    process: { okExitCodes: [0, 3] },
  });
  const { undo, check } = effectOf(pay);
  if (typeof undo !== "function" || check === undefined) throw new Error("expected undo and check");
  await undo({ ...toContext({ order: "o" }), undoes: "key-1", output: { id: "i" } });
  expect(await readFile(file, "utf8")).toBe('o i undo {"id":"i"}\n');
  expect(await check(toContext({ order: "known" }))).toEqual({ tag: "done", output: { id: "1" } });
  expect(await check(toContext({ order: "unknown" }))).toEqual({ tag: "not-done" });
});

it("refuses a command that is none", async () => {
  const options = { ...schemas, repeat: "safe", undo: "not-needed" } as const;
  expect(() => defineProcess("empty", { ...options, command: [] })).toThrow(/empty\.command/u);
  const late = effectOf(defineProcess("late", { ...options, command: () => [""] }));
  await expect(late.run(toContext({ order: "a" }))).rejects.toMatchObject({ code: "TOOL_OPTIONS" });
});
