import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { open as openHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QUIET, type AttemptContext, type EffectDefinition, type Label } from "../../action/index.ts";
import { sha256, type Json } from "../../base/index.ts";
import { takeBack } from "./change.ts";
import { createTurns } from "./desk.ts";
import { fileTools, type FileToolsOptions } from "./file-tools.ts";
import { createFileGateway, openGateway, type FileGateway } from "./gateway.ts";
import { faultIn, foldPath, toParts } from "./parts.ts";
import { readLabelled } from "./read-labelled.ts";
import { openVault } from "./vault.ts";
import { openPlace } from "./walk.ts";

let base = "";
let root = "";
let vault = "";
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "pawl-file-tools-"));
  root = join(base, "root");
  vault = join(base, ".root-pawl");
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const at = (path: string): string => join(root, path);
const put = (path: string, content: string | Uint8Array): void => writeFileSync(at(path), content);
const textOf = (path: string): string => readFileSync(at(path), "utf8");
const hasOtherDevice = (...folders: readonly string[]): boolean =>
  folders.every((folder) => existsSync(folder)) && new Set(folders.map((folder) => statSync(folder).dev)).size > 1;
const withCode = (code: string): unknown => expect.objectContaining({ code });

interface Call {
  readonly key?: string;
  readonly labels?: readonly Label[];
  readonly options?: FileToolsOptions;
}

function effectOf(name: string, options: FileToolsOptions = {}): EffectDefinition {
  const definition = fileTools(root, options).find((tool) => tool.name === `files.${name}`)?.definition;
  if (definition?.tag !== "effect") throw new Error(`no ${name}`);
  return definition;
}

function contextOf(input: Json, { key = "k", labels = [] }: Call, named: Label[] = []): AttemptContext<Json> {
  const attempt = { token: 1, signal: new AbortController().signal, run: "r", node: "n", attempt: 1 };
  return { ...QUIET, ...attempt, input, key, labels, label: (...more) => void named.push(...more) };
}

async function call(name: string, input: Json, given: Call = {}): Promise<unknown> {
  return await effectOf(name, given.options).run(contextOf(input, given));
}

async function labelsOf(name: string, input: Json, given: Call = {}): Promise<readonly Label[]> {
  const named: Label[] = [];
  const effect = effectOf(name, given.options);
  await effect.run(contextOf(input, given, named));
  return [...new Set([...named, ...effect.gives])].toSorted();
}

async function undo(name: string, input: Json, key: string | { readonly unknown: string }): Promise<void> {
  const { undo: back } = effectOf(name);
  const [undoes, output] = typeof key === "string" ? [key, {}] : [key.unknown, null];
  if (typeof back !== "function") throw new Error("no undo");
  await back({ ...contextOf(input, { key: "u" }), undoes, output });
}

const check = async (name: string, input: Json, key: string): Promise<unknown> =>
  await effectOf(name).check?.(contextOf(input, { key }));

describe("paths", () => {
  it.each([
    ["a"],
    ["a/b.txt"],
    ["~/x"],
    ["..a"],
    ["a..b/...c"],
    ["%2e%2e"],
    ["été/日本.md"],
    ["console"],
    ["[id].tsx"],
  ])("are taken as they are: %s", (path) => {
    expect(toParts(path).join("/")).toBe(path);
  });

  it("of the root have no parts", () => {
    expect([toParts(""), toParts(".")]).toEqual([[], []]);
  });

  it("are one where a file system takes them for one", () => {
    expect(foldPath("STRASSE/É.md")).toBe(foldPath("straße/e\u0301.MD"));
    expect(foldPath("a")).not.toBe(foldPath("b"));
  });

  it("never name a file that is only there until it takes another's place", () => {
    expect(faultIn(".PAWL-1")).toBeDefined();
    expect(faultIn(".pawl")).toBeUndefined();
  });

  it("never end as the system's names of removed files do", () => {
    expect(faultIn("a (deleted)")).toBeDefined();
    expect(faultIn("a (deleted).txt")).toBeUndefined();
  });
});

describe.each(["held", "named"] as const)("a gateway whose folders are %s", (way) => {
  const open = (): ReturnType<typeof openGateway> => openGateway(root, { maxBytes: 100, maxEntries: 5 }, way);
  const isHere = way === "named" || process.platform === "linux";

  it.skipIf(!isHere)("reads, writes, lists and removes", async () => {
    const gateway = open();
    await gateway.write("a/b/c.txt", Buffer.from("text"));
    expect(String(await gateway.read("a/b/c.txt"))).toBe("text");
    expect(await gateway.list("a")).toEqual({
      entries: [{ name: "b", type: "folder", bytes: 0 }],
      hidden: 0,
      isCut: false,
    });
    expect(await gateway.foldersToMake("a/x/y/z.txt")).toEqual(["a/x", "a/x/y"]);
    expect(await gateway.removeEmptyFolder("a/b")).toBe(false);
    await gateway.remove("a/b/c.txt");
    expect(await gateway.find("a/b/c.txt")).toBeUndefined();
    expect(await gateway.removeEmptyFolder("a/b")).toBe(true);
  });

  it.skipIf(!isHere)("refuses links, hard links, pipes and folders as files", async () => {
    const outside = join(base, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "x"), "canary");
    symlinkSync(outside, at("folder"));
    symlinkSync(join(outside, "x"), at("link"));
    linkSync(join(outside, "x"), at("hard"));
    spawnSync("mkfifo", [at("pipe")]);
    mkdirSync(at("real"));
    const gateway = open();
    for (const path of ["folder/x", "link", "hard", "pipe", "real"]) {
      await expect(gateway.read(path)).rejects.toThrow(withCode("FILE_REFUSED"));
      await expect(gateway.write(path, Buffer.from("bad"))).rejects.toThrow(withCode("FILE_REFUSED"));
      await expect(gateway.remove(path)).rejects.toThrow(withCode("FILE_REFUSED"));
    }
    await expect(gateway.list("folder")).rejects.toThrow(withCode("FILE_REFUSED"));
    expect(await gateway.list("")).toMatchObject({ entries: [{ name: "real" }], hidden: 4 });
    expect([readdirSync(outside), readFileSync(join(outside, "x"), "utf8")]).toEqual([["x"], "canary"]);
  });

  it.skipIf(!isHere)("leaves nothing behind where it fails, and never takes more than it may", async () => {
    const gateway = open();
    put("big", "x".repeat(101));
    put("mine", "mine");
    await expect(gateway.read("big")).rejects.toThrow(withCode("FILE_TOO_LARGE"));
    await expect(gateway.write("new", Buffer.alloc(101))).rejects.toThrow(withCode("FILE_TOO_LARGE"));
    const guard = (): void => {
      throw new Error("kept");
    };
    await expect(gateway.write("mine", Buffer.from("other"), { guard })).rejects.toThrow("kept");
    await expect(gateway.remove("mine", guard)).rejects.toThrow("kept");
    expect([readdirSync(root), textOf("mine")]).toEqual([["big", "mine"], "mine"]);
    for (let index = 0; index < 9; index += 1) put(`f${index}`, "");
    const { entries, isCut } = await gateway.list("");
    expect([entries.length, isCut]).toEqual([5, true]);
  });

  it.skipIf(!isHere)("leaves what others have put there at the last moment", async () => {
    const gateway = open();
    put("mine", "mine");
    const guard = (): void => put("mine", "theirs, just now");
    await expect(gateway.write("mine", Buffer.from("other"), { guard })).rejects.toThrow(withCode("FILE_CHANGED"));
    await expect(gateway.remove("mine", () => put("mine", "again"))).rejects.toThrow(withCode("FILE_CHANGED"));
    await expect(gateway.write("new", Buffer.from("x"), { guard: () => put("new", "") })).rejects.toThrow(
      withCode("FILE_CHANGED"),
    );
    expect([readdirSync(root), textOf("mine")]).toEqual([["mine", "new"], "again"]);
  });
});

describe("a place that is known by its names alone", () => {
  it("is refused once a link leads to it, though it is the same folder", async () => {
    mkdirSync(at("a/b"), { recursive: true });
    const place = await openPlace(join(realpathSync(root), "a/b"), "b", "named");
    await place.confirm();
    renameSync(at("a"), join(base, "moved"));
    symlinkSync(join(base, "moved"), at("a"));
    await expect(place.confirm()).rejects.toThrow(withCode("FILE_REFUSED"));
  });

  it("tells that a file had another name meanwhile, or has one now", async () => {
    put("x", "");
    await using handle = await openHandle(at("x"));
    const place = await openPlace(realpathSync(root), root, "named");
    const facts = await handle.stat({ bigint: true });
    expect(await place.hasKept("x", { handle, facts })).toBe(true);
    await sleep(A_TICK_MS);
    linkSync(at("x"), at("y"));
    expect(await place.hasKept("x", { handle, facts: await handle.stat({ bigint: true }) })).toBe(false);
    unlinkSync(at("y"));
    expect(await place.hasKept("x", { handle, facts })).toBe(false);
  });
});

describe("a gateway", () => {
  it.skipIf(process.platform !== "linux")("knows that a name was lost, though the same file has it again", async () => {
    put("x", "");
    await using handle = await openHandle(at("x"));
    const place = await openPlace(root, root, "held");
    const hasKept = async (): Promise<boolean> =>
      await place.hasKept("x", { handle, facts: await handle.stat({ bigint: true }) });
    try {
      expect(await hasKept()).toBe(true);
      renameSync(at("x"), at("y"));
      expect(await hasKept()).toBe(false);
      linkSync(at("y"), at("x"));
      unlinkSync(at("y"));
      expect((await handle.stat()).nlink).toBe(1);
      expect(await hasKept()).toBe(false);
    } finally {
      await place.close();
    }
  });

  it.skipIf(!hasOtherDevice("/dev", "/dev/shm"))("stays on the file system of its root", async () => {
    const gateway = createFileGateway("/dev");
    await expect(gateway.list("shm")).rejects.toThrow(withCode("FILE_REFUSED"));
    await expect(gateway.foldersToMake("shm/none")).rejects.toThrow(withCode("FILE_REFUSED"));
    expect((await gateway.list("")).entries.map(({ name }) => name)).not.toContain("shm");
  });

  it.skipIf(process.platform !== "linux")("gives a code to what the disk says while it reads", async () => {
    await expect(createFileGateway("/proc/self").read("mem")).rejects.toThrow(withCode("FILE_FAILED"));
  });

  it("reads no more than it may, whatever size a file has or claims", async () => {
    put("sparse", "");
    truncateSync(at("sparse"), 2 ** 40);
    await expect(createFileGateway(root).read("sparse")).rejects.toThrow(withCode("FILE_TOO_LARGE"));
  });

  it.skipIf(process.platform !== "linux")("reads no more than it may of what has no size", async () => {
    const read = createFileGateway("/proc/self", { maxBytes: 10 }).read("status");
    await expect(read).rejects.toThrow(withCode("FILE_TOO_LARGE"));
  });

  it("keeps the permissions of what it replaces", async () => {
    put("run.sh", "old");
    chmodSync(at("run.sh"), 0o750);
    await createFileGateway(root).write("run.sh", Buffer.from("new"));
    expect(statSync(at("run.sh")).mode & 0o7777).toBe(0o750);
  });

  it("shows no name that it would refuse", async () => {
    put("fine", "");
    put("a\u202Eb", "");
    put("a\nb", "");
    put("e\u0301", "");
    expect(await createFileGateway(root).list("")).toMatchObject({ entries: [{ name: "fine" }], hidden: 3 });
  });

  it("refuses the whole file system, and limits that make no sense", () => {
    expect(() => createFileGateway("/")).toThrow(withCode("TOOL_OPTIONS"));
    expect(() => createFileGateway(root, { maxBytes: 0 })).toThrow(withCode("TOOL_OPTIONS"));
  });
});

describe("the file tools", () => {
  it("write, read, edit, find and delete, and take each of these back", async () => {
    const path = "a/b.txt";
    await call("write", { path, text: "one\ntwo" }, { key: "1" });
    expect(await call("read", { path })).toEqual({ text: "one\ntwo", lines: 2, isCut: false });
    expect(await call("read", { path, from: 2, lines: 1 })).toMatchObject({ text: "two" });
    await call("edit", { path, from: "two", to: "three" }, { key: "2" });
    expect(await call("search", { text: "three" })).toMatchObject({ hits: [{ path, line: 2, text: "three" }] });
    await call("delete", { path }, { key: "3" });
    expect(await call("list", { path: "a" })).toMatchObject({ entries: [] });
    await undo("delete", { path }, "3");
    expect(textOf(path)).toBe("one\nthree");
    await undo("edit", { path }, "2");
    expect(textOf(path)).toBe("one\ntwo");
    await undo("write", { path }, "1");
    await undo("write", { path }, "1");
    expect(readdirSync(root)).toEqual([]);
  });

  it("bring permissions back, and leave folders that others use", async () => {
    put("run.sh", "old");
    chmodSync(at("run.sh"), 0o755);
    await call("delete", { path: "run.sh" }, { key: "1" });
    await undo("delete", { path: "run.sh" }, "1");
    expect(statSync(at("run.sh")).mode & 0o777).toBe(0o755);
    await call("write", { path: "x/y/z", text: "ours" }, { key: "2" });
    put("x/theirs", "");
    await undo("write", { path: "x/y/z" }, "2");
    expect(readdirSync(at("x"))).toEqual(["theirs"]);
  });

  it("know their own work again, and tell whether it happened", async () => {
    put("a", "before");
    const edit = { path: "a", from: "before", to: "before, then" };
    expect(await check("edit", edit, "e")).toEqual({ tag: "not-done" });
    const first = await call("edit", edit, { key: "e" });
    expect(await call("edit", edit, { key: "e" })).toEqual(first);
    expect(textOf("a")).toBe("before, then");
    expect(await check("edit", edit, "e")).toEqual({ tag: "done", output: first });
    put("a", "before");
    expect(await check("edit", edit, "e")).toEqual({ tag: "not-done" });
    put("a", "theirs");
    expect(await check("edit", edit, "e")).toEqual({ tag: "cannot-tell" });
  });

  it("neither overwrite nor take back what others have changed since", async () => {
    await call("write", { path: "a", text: "ours" });
    put("a", "theirs");
    const again = call("write", { path: "a", text: "ours" });
    await expect(again).rejects.toThrow(expect.objectContaining({ code: "FILE_CHANGED", mayHaveActed: true }));
    await expect(undo("write", { path: "a" }, "k")).rejects.toThrow(withCode("FILE_CHANGED"));
    expect(textOf("a")).toBe("theirs");
  });

  it("have nothing to take back where nothing was done, and say so where what was there is lost", async () => {
    put("a", "theirs");
    await expect(call("write", { path: "new/a", text: "x".repeat(50) }, { options: { maxBytes: 20 } })).rejects.toThrow(
      withCode("FILE_TOO_LARGE"),
    );
    expect(readdirSync(root)).toEqual(["a"]);
    await undo("write", { path: "new/a" }, { unknown: "k" });
    await call("write", { path: "a", text: "ours" });
    rmSync(vault, { recursive: true });
    await expect(undo("write", { path: "a" }, "k")).rejects.toThrow(withCode("FILE_REFUSED"));
    expect(textOf("a")).toBe("ours");
  });

  it("never change what is no text, nor what is not there exactly once", async () => {
    const latin = Buffer.from([0x61, 0xe9, 0x62]);
    put("latin", latin);
    put("zero", "a\0b");
    put("twice", "a a");
    for (const path of ["latin", "zero"]) {
      await expect(call("read", { path })).rejects.toThrow(withCode("FILE_NOT_TEXT"));
      await expect(call("edit", { path, from: "a", to: "c" })).rejects.toThrow(withCode("FILE_NOT_TEXT"));
    }
    await expect(call("edit", { path: "twice", from: "a", to: "c" })).rejects.toThrow(withCode("FILE_EDIT_UNFIT"));
    await expect(call("edit", { path: "none", from: "a", to: "c" })).rejects.toThrow(withCode("FILE_NOT_FOUND"));
    await expect(call("delete", { path: "none" })).rejects.toThrow(withCode("FILE_NOT_FOUND"));
    expect(readFileSync(at("latin"))).toEqual(latin);
    put("mark", "\uFEFFa");
    await call("edit", { path: "mark", from: "a", to: "b" });
    expect(textOf("mark")).toBe("\uFEFFb");
  });

  it("search all that is text, and say what they left out", async () => {
    for (const path of ["a", "b/c/d"]) await call("write", { path, text: `no\nneedle in ${path}\n` }, { key: path });
    put("binary", Buffer.from([0, 1]));
    const found = await call("search", { text: "needle" });
    expect(found).toMatchObject({ hits: [{ path: "a" }, { path: "b/c/d", line: 2 }], files: 3, skipped: 1 });
    put("many", "needle\n".repeat(500));
    expect(await call("search", { text: "needle" })).toMatchObject({ isCut: true });
    put("wide", `whole${"\u{1F600}".repeat(500)}`);
    const whole = `whole${"\u{1F600}".repeat(73)}`;
    expect(await call("search", { text: "whole" })).toMatchObject({ hits: [{ path: "wide", text: whole }] });
    await expect(call("search", { text: "x", path: "none" })).rejects.toThrow(withCode("FILE_NOT_FOUND"));
  });

  it("keep former contents under their hash, for their owner only", async () => {
    put("a", "former");
    await call("write", { path: "a", text: "new" });
    const file = join(vault, `${sha256("former")}.content`);
    expect(readFileSync(file, "utf8")).toBe("former");
    expect([statSync(vault).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600]);
    writeFileSync(file, "forged");
    await expect(undo("write", { path: "a" }, "k")).rejects.toThrow(withCode("FILE_REFUSED"));
    expect(textOf("a")).toBe("new");
  });

  it("exclude each other, so that undos come in the reverse order", () => {
    const [write, edit, remove] = ["write", "edit", "delete"].map((name) => effectOf(name));
    expect(write?.resources).toEqual([{ name: expect.stringMatching(/^files:/u), units: 1 }]);
    expect([edit?.resources, remove?.resources]).toEqual([write?.resources, write?.resources]);
  });

  it("are only the queries where nothing may be changed", () => {
    const names = fileTools(root, { readOnly: true, name: "docs" }).map(({ name }) => name);
    expect(names).toEqual(["docs.read", "docs.list", "docs.search"]);
  });

  it("do nothing any more once they were told to stop", async () => {
    const context = {
      ...contextOf({ path: "a/b", text: "late" }, {}),
      signal: AbortSignal.abort(new Error("stopped")),
    };
    await expect(effectOf("write").run(context)).rejects.toThrow("stopped");
    expect(readdirSync(root)).toEqual([]);
    expect(await check("write", { path: "a/b" }, "k")).toEqual({ tag: "not-done" });
  });
});

/** Longer than the coarsest step of a file's times. */
const A_TICK_MS = 30;
/** Short: a change that has to wait is not done after it, one that does not is. */
const A_WHILE_MS = 300;

describe("labels", () => {
  it("are those of what was read, though it is replaced right after", async () => {
    await call("write", { path: "a", text: "key" }, { key: "1", labels: ["secret"] });
    const gateway = createFileGateway(root);
    const [desk, named] = [{ name: "files", vault: openVault(vault, root), isTrusted: true }, new Array<Label>()];
    const inTurn = createTurns();
    let other: Promise<unknown> = Promise.resolve();
    const read = async (path: string): Promise<Buffer> => {
      const content = await gateway.read(path);
      other = inTurn(() => call("write", { path, text: "plain" }, { key: "2" }));
      await Promise.race([other, sleep(A_WHILE_MS)]);
      return content;
    };
    const label = (...more: readonly Label[]): void => void named.push(...more);
    const content = await readLabelled({ ...desk, gateway: { ...gateway, read }, inTurn }, "a", { label });
    await other;
    expect([String(content), named, textOf("a")]).toEqual(["key", ["secret"], "plain"]);
  });

  const read = async (path: string, options: FileToolsOptions = {}): Promise<readonly Label[]> =>
    await labelsOf("read", { path }, { options });

  it("are those of what was written, and untrusted for what came from elsewhere", async () => {
    put("theirs", "x");
    expect([await read("theirs"), await read("theirs", { trusted: true })]).toEqual([["untrusted"], []]);
    await call("write", { path: "plain", text: "x" }, { key: "1" });
    await call("write", { path: "key", text: "x" }, { key: "2", labels: ["secret"] });
    expect([await read("plain"), await read("key")]).toEqual([[], ["secret"]]);
  });

  it("stay when others change the file, or name it otherwise", async () => {
    await call("write", { path: "key.txt", text: "k" }, { labels: ["secret"] });
    put("key.txt", "k\n");
    put("KEY.txt", "k");
    for (const path of ["key.txt", "KEY.txt"]) {
      expect([await read(path), await read(path, { trusted: true })]).toEqual([["secret", "untrusted"], ["secret"]]);
    }
  });

  it("go when the file is written anew, and come back with what was there", async () => {
    await call("write", { path: "a", text: "secret" }, { key: "1", labels: ["secret"] });
    await call("write", { path: "a", text: "plain" }, { key: "2" });
    expect(await read("a")).toEqual([]);
    await undo("write", { path: "a" }, "2");
    expect(await read("a")).toEqual(["secret"]);
    await call("delete", { path: "a" }, { key: "3" });
    put("a", "new");
    expect(await read("a")).toEqual(["untrusted"]);
    rmSync(at("a"));
    await undo("delete", { path: "a" }, "3");
    expect(await read("a")).toEqual(["secret"]);
  });

  it("are there as soon as what they belong to is back, wherever an undo ends", async () => {
    await call("write", { path: "a", text: "key" }, { key: "1", labels: ["secret"] });
    await call("write", { path: "a", text: "plain" }, { key: "2" });
    const gateway = createFileGateway(root);
    const write: FileGateway["write"] = async (...given) => {
      await gateway.write(...given);
      throw new Error("cut off");
    };
    const desk = { name: "files", vault: openVault(vault, root), isTrusted: true, inTurn: createTurns() };
    const undone = takeBack({ ...desk, gateway: { ...gateway, write } }, { path: "a", undoes: "2", output: null });
    await expect(undone).rejects.toThrow("cut off");
    expect([textOf("a"), await read("a")]).toEqual(["key", ["secret"]]);
  });

  it("of what was taken back are gone", async () => {
    await call("write", { path: "a", text: "plain" }, { key: "1" });
    await call("write", { path: "a", text: "secret" }, { key: "2", labels: ["secret"] });
    await undo("write", { path: "a" }, "2");
    put("a", "changed");
    expect(await read("a", { trusted: true })).toEqual([]);
  });

  it("of what is edited are those of both, also for what is told of it", async () => {
    put("a", "x");
    expect(await labelsOf("edit", { path: "a", from: "x", to: "y" }, { labels: ["secret"] })).toEqual(["untrusted"]);
    expect(await read("a")).toEqual(["secret", "untrusted"]);
    await call("write", { path: "b", text: "x" }, { key: "b" });
    await call("edit", { path: "b", from: "x", to: "y" }, { key: "c", labels: ["secret"] });
    expect(await read("b")).toEqual(["secret"]);
  });

  it("stand on names too, and on a search that found nothing", async () => {
    const options = { trusted: true };
    await call("write", { path: "made/by/us", text: "x" }, { labels: ["secret"] });
    expect(await labelsOf("list", {}, { options })).toEqual(["secret"]);
    expect(await labelsOf("search", { text: "none" }, { options })).toEqual(["secret"]);
    expect(await labelsOf("search", { text: "none", path: "made/by" }, { options })).toEqual(["secret"]);
    await undo("write", { path: "made/by/us" }, "k");
    mkdirSync(at("made"));
    expect(await labelsOf("list", {}, { options })).toEqual([]);
    expect(await labelsOf("list", {})).toEqual(["untrusted"]);
  });

  it("are never taken for none where they can't be read", async () => {
    await call("write", { path: "a", text: "x" }, { labels: ["secret"] });
    const documents = readdirSync(vault).filter((name) => name.endsWith(".labels.json"));
    expect(documents).toHaveLength(1);
    for (const damage of ["", "[", '{"a":1}', '[{"path":"a","hash":"h","labels":["public"]}]']) {
      writeFileSync(join(vault, documents[0] ?? ""), damage);
      await expect(read("a")).rejects.toThrow(withCode("FILE_REFUSED"));
    }
  });
});

describe("the vault", () => {
  it("is outside the root", () => {
    for (const folder of [root, at("vault"), base])
      expect(() => fileTools(root, { vault: folder })).toThrow(withCode("TOOL_OPTIONS"));
    expect(() => fileTools(root, { vault: `${root}-vault` })).not.toThrow();
  });

  it("is no link, belongs to us, and nobody else may write there", async () => {
    const write = async (): Promise<unknown> => await call("write", { path: "a", text: "x" });
    mkdirSync(join(base, "other"));
    symlinkSync(join(base, "other"), vault);
    await expect(write()).rejects.toThrow(withCode("FILE_REFUSED"));
    rmSync(vault);
    mkdirSync(vault);
    chmodSync(vault, 0o777);
    await expect(write()).rejects.toThrow(withCode("FILE_REFUSED"));
    expect([readdirSync(join(base, "other")), readdirSync(vault), existsSync(at("a"))]).toEqual([[], [], false]);
  });

  it("may be inside the root in no other way either", async () => {
    symlinkSync(root, join(base, "way"));
    const options = { vault: join(base, "way", "vault") };
    await expect(call("write", { path: "a", text: "x" }, { options })).rejects.toThrow(withCode("FILE_REFUSED"));
  });
});
