import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QUIET, type AnyAction, type AttemptContext, type EffectDefinition, type Label } from "../../action/index.ts";
import { isJsonObject, type Json } from "../../base/index.ts";
import { fileTools, type FileToolsOptions } from "./file-tools.ts";

let base = "";
let root = "";
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "pawl-file-tools-"));
  root = join(base, "root");
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function effectOf(tools: readonly AnyAction[], name: string): EffectDefinition {
  const definition = tools.find((tool) => tool.name === name)?.definition;
  if (definition?.tag !== "effect") throw new Error(`no ${name}`);
  return definition;
}

interface Tried {
  readonly output: Json;
  readonly labels: readonly Label[];
}

async function run(
  tools: readonly AnyAction[],
  name: string,
  given: { readonly input: Json; readonly key?: string; readonly labels?: readonly Label[] },
): Promise<Tried> {
  const named: Label[] = [];
  const { signal } = new AbortController();
  const { input, key = "k", labels = [] } = given;
  const context: AttemptContext<Json> = {
    ...QUIET,
    input,
    key,
    labels,
    token: 1,
    signal,
    run: "r",
    node: "n",
    attempt: 1,
    label: (...more) => void named.push(...more),
  };
  const output: unknown = await effectOf(tools, name).run(context);
  return { output: JSON.parse(JSON.stringify(output)), labels: named };
}

async function undo(tools: readonly AnyAction[], name: string, output: Json): Promise<void> {
  const back = effectOf(tools, name).undo;
  if (typeof back !== "function") throw new Error("no undo");
  const { signal } = new AbortController();
  await back({
    ...QUIET,
    input: null,
    output,
    key: "u",
    undoes: "k",
    token: 1,
    signal,
    run: "r",
    node: "n",
    attempt: 1,
  });
}

async function toolsOf(options: FileToolsOptions = {}): Promise<readonly AnyAction[]> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(root, { recursive: true });
  return fileTools(root, options);
}

describe("the file tools", () => {
  it("write, read, edit, find and delete, and take each of these back", async () => {
    const tools = await toolsOf();
    const written = await run(tools, "files.write", { input: { path: "a/b.txt", text: "one\ntwo" } });
    expect((await run(tools, "files.read", { input: { path: "a/b.txt" } })).output).toEqual({ text: "one\ntwo" });
    const edited = await run(tools, "files.edit", { input: { path: "a/b.txt", from: "two", to: "three" }, key: "k2" });
    expect((await run(tools, "files.search", { input: { text: "three" } })).output).toMatchObject({
      hits: [{ path: "a/b.txt", line: 2 }],
    });
    const gone = await run(tools, "files.delete", { input: { path: "a/b.txt" }, key: "k3" });
    expect((await run(tools, "files.list", { input: { path: "a" } })).output).toMatchObject({ entries: [] });
    await undo(tools, "files.delete", gone.output);
    await undo(tools, "files.edit", edited.output);
    expect(readFileSync(join(root, "a/b.txt"), "utf8")).toBe("one\ntwo");
    await undo(tools, "files.write", written.output);
    expect((await run(tools, "files.list", { input: { path: "a" } })).output).toMatchObject({ entries: [] });
  });

  it("know their own work again when an attempt is repeated with its key", async () => {
    const tools = await toolsOf();
    writeFileSync(join(root, "a.txt"), "before");
    await run(tools, "files.write", { input: { path: "a.txt", text: "after" }, key: "same" });
    const again = await run(tools, "files.write", { input: { path: "a.txt", text: "after" }, key: "same" });
    await undo(tools, "files.write", again.output);
    expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("before");
    const edit = { input: { path: "a.txt", from: "before", to: "then" }, key: "edit" };
    await run(tools, "files.edit", edit);
    await run(tools, "files.edit", edit);
    expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("then");
  });

  it("take nothing back that someone else has changed since", async () => {
    const tools = await toolsOf();
    const { output } = await run(tools, "files.write", { input: { path: "a.txt", text: "ours" } });
    writeFileSync(join(root, "a.txt"), "theirs");
    await expect(undo(tools, "files.write", output)).rejects.toMatchObject({ code: "FILE_CHANGED" });
  });

  it("carry labels with files: of what was written, and untrusted for what came from elsewhere", async () => {
    const tools = await toolsOf();
    await run(tools, "files.write", { input: { path: "s.txt", text: "key" }, labels: ["secret"] });
    expect((await run(tools, "files.read", { input: { path: "s.txt" } })).labels).toEqual(["secret"]);
    await run(tools, "files.write", { input: { path: "p.txt", text: "plain" }, key: "p" });
    expect((await run(tools, "files.read", { input: { path: "p.txt" } })).labels).toEqual([]);
    writeFileSync(join(root, "p.txt"), "changed by someone");
    expect((await run(tools, "files.read", { input: { path: "p.txt" } })).labels).toEqual(["untrusted"]);
    const edited = await run(tools, "files.edit", { input: { path: "p.txt", from: "someone", to: "us" }, key: "e" });
    expect(isJsonObject(edited.output)).toBe(true);
    expect((await run(tools, "files.read", { input: { path: "p.txt" } })).labels).toEqual(["untrusted"]);
    expect((await run(await toolsOf({ trusted: true }), "files.search", { input: { text: "us" } })).labels).toEqual([
      "untrusted",
    ]);
  });

  it("say what is wrong: too large, no text, not there, an edit that does not fit", async () => {
    const tools = await toolsOf({ maxBytes: 100 });
    writeFileSync(join(root, "big"), "x".repeat(200));
    writeFileSync(join(root, "binary"), Buffer.from([1, 0, 2]));
    writeFileSync(join(root, "twice"), "a a");
    const read = (path: string): Promise<unknown> => run(tools, "files.read", { input: { path } });
    await expect(read("big")).rejects.toMatchObject({ code: "FILE_TOO_LARGE" });
    await expect(read("binary")).rejects.toMatchObject({ code: "FILE_NOT_TEXT" });
    await expect(read("none")).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(read("../x")).rejects.toMatchObject({ code: "FILE_PATH_REFUSED" });
    await expect(run(tools, "files.edit", { input: { path: "twice", from: "a", to: "b" } })).rejects.toMatchObject({
      code: "FILE_EDIT_UNFIT",
    });
    expect((await toolsOf({ readOnly: true })).map(({ name }) => name)).toEqual([
      "files.read",
      "files.list",
      "files.search",
    ]);
  });
});
