import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QUIET, type EffectDefinition } from "../../action/index.ts";
import { RuntimeFailure, type Json } from "../../base/index.ts";
import { findBubblewrap } from "./find-bubblewrap.ts";
import type { ShellLimits, ShellOptions } from "./options.ts";
import { shellTool } from "./shell-tool.ts";

const probe = ["--unshare-all", "--unshare-user", "--disable-userns", "--ro-bind", "/", "/", "true"];
const hasSandbox = spawnSync("bwrap", probe).status === 0;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pawl-shell-"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

type Options = Partial<ShellOptions>;

function effectOf(options: Options = {}): EffectDefinition {
  const { definition } = shellTool({ dir: folder, ...options });
  if (definition.tag !== "effect") throw new Error("expected an effect");
  return definition;
}

async function call(input: Json, options: Options = {}, signal = new AbortController().signal): Promise<unknown> {
  const attempt = { key: "k", token: 1, run: "run-1", node: "node-1", attempt: 1 };
  return await effectOf(options).run({ ...QUIET, ...attempt, input, signal });
}

const sh = async (script: string, options: Options = {}): Promise<unknown> => await call({ script }, options);

async function failureOf(attempt: Promise<unknown>): Promise<RuntimeFailure> {
  const error: unknown = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!RuntimeFailure.is(error)) throw new Error("expected a failure of Pawl's", { cause: error });
  return error;
}

const ended = (stdout: string, exitCode = 0): object => ({ exitCode, stdout, stopped: null });

describe("the nature of a shell", () => {
  it("is never repeated and can't be undone, unless nothing stays", () => {
    const acting = { isQuery: false, repeat: "never", undo: "impossible", gives: ["untrusted"], refuses: ["secret"] };
    expect(effectOf()).toMatchObject(acting);
    expect(effectOf({ network: true, readOnly: true })).toMatchObject(acting);
    expect(effectOf({ readOnly: true })).toMatchObject({
      isQuery: true,
      repeat: "safe",
      gives: ["untrusted"],
      refuses: [],
    });
  });

  it("refuses options that make no sense", () => {
    expect(() => shellTool({ dir: "here" })).toThrow(/shellTool\.dir/u);
    expect(() => shellTool({ dir: "/" })).toThrow(/shellTool\.dir/u);
    expect(() => shellTool({ dir: folder, limits: { timeoutMs: 0 } })).toThrow(/shellTool\.limits\.timeoutMs/u);
  });

  it("never runs anything where there is no sandbox", async () => {
    const found = await failureOf(findBubblewrap("", []));
    expect(found).toMatchObject({ code: "SANDBOX_MISSING", failure: "permanent" });
    expect(found.message).toContain("apt-get install bubblewrap");
  });
});

describe.skipIf(!hasSandbox)("a command in the sandbox", () => {
  it("gives its exit code and output, whatever they are", async () => {
    expect(await call({ command: ["echo", "$HOME", "a b"] })).toEqual({ ...ended("$HOME a b\n"), stderr: "" });
    expect(await call({ command: ["cat"], stdin: "text" })).toMatchObject(ended("text"));
    expect(await sh("echo out; echo err >&2; exit 7")).toEqual({ ...ended("out\n", 7), stderr: "err\n" });
    expect(await sh("kill -KILL $$")).toMatchObject(ended("", 137));
    expect(await call({ command: ["no-such-program"] })).toMatchObject(ended("", 127));
  });

  it("can change its folder and nothing else", async () => {
    await symlink("/etc/hostname", join(folder, "link"));
    const script =
      "pwd; echo new > made; for f in /usr/x /etc/x /x /dev/x link /proc/sys/x; do echo bad > $f; done; echo tmp > /tmp/x && cat /tmp/x";
    expect(await sh(script)).toMatchObject(ended("/work\ntmp\n"));
    expect(await readFile(join(folder, "made"), "utf8")).toBe("new\n");
    expect(await sh("cat made; echo bad > made", { readOnly: true })).toMatchObject(ended("new\n", 2));
    expect(await readFile(join(folder, "made"), "utf8")).toBe("new\n");
  });

  it("sees neither environment, processes nor files of the host", async () => {
    process.env["PAWL_TEST_CANARY"] = "canary-5121";
    const script =
      "env | grep -vE 'PWD|SHLVL' | sort; cat /proc/*/environ | tr '\\0' '\\n' | grep canary; ls /proc | grep -c '^[0-9]'; ls /home /root /etc/passwd";
    const seen = await sh(script).finally(() => delete process.env["PAWL_TEST_CANARY"]);
    const environment = `HOME=/tmp\nLANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n`;
    expect(seen).toMatchObject({
      stdout: expect.stringMatching(new RegExp(`^${environment}[34]\\n$`, "u")),
      exitCode: 2,
    });
  });

  it("inherits no descriptor that Pawl itself was given", async () => {
    const code = `
      const { shellTool } = await import(${JSON.stringify(new URL("./shell-tool.ts", import.meta.url).href)});
      const input = { script: "ls /proc/self/fd; cat /proc/self/fd/5/hosts /proc/self/fd/12/hosts" };
      const { definition } = shellTool({ dir: ${JSON.stringify(folder)} });
      console.log(JSON.stringify(await definition.run({ input, signal: new AbortController().signal, alive() {} })));`;
    const etc = openSync("/etc", "r");
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit", ...Array.from({ length: 10 }, () => etc)],
    });
    const seen: Buffer[] = [];
    child.stdout?.on("data", (piece: Buffer) => seen.push(piece));
    await once(child, "close");
    closeSync(etc);
    expect(JSON.parse(Buffer.concat(seen).toString())).toMatchObject(ended("0\n1\n2\n3\n", 1));
  });

  it("reaches the network only when it may", async () => {
    let visits = 0;
    const server = createServer((socket) => {
      visits += 1;
      socket.end("hello\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const script = `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`;
    expect(await call({ command: ["bash", "-c", script] })).toMatchObject(ended("", 1));
    expect(visits).toBe(0);
    expect(await call({ command: ["bash", "-c", script] }, { network: true })).toMatchObject(ended("hello\n"));
    expect(visits).toBe(1);
    server.close();
  });

  it("takes what it started with it", async () => {
    const beats = async (): Promise<string> => await readFile(join(folder, "beats"), "utf8");
    await sh("setsid sh -c 'while :; do echo >> beats; sleep 0.02; done' >/dev/null 2>&1 & sleep 0.2");
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = await beats();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(before.length).toBeGreaterThan(0);
    expect(await beats()).toBe(before);
  });

  it.each<[string, string, ShellLimits]>([
    ["time", "sleep 1000", { timeoutMs: 100 }],
    ["output", "yes", { outputBytes: 10_000 }],
    [
      "processes",
      "for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done 2>/dev/null; sleep 5; sleep 1000",
      { processes: 6 },
    ],
    [
      "memory",
      "for i in 1 2 3 4; do (head -c 20000000 /dev/zero | tail | sleep 5) & done; wait",
      { memoryBytes: 33_554_432 },
    ],
    [
      "disk",
      "for i in 1 2 3 4 5 6; do head -c 3000000 /dev/zero > big$i; done; sync; sleep 5",
      { diskBytes: 10_000_000 },
    ],
  ])("is stopped by its limit of %s", async (stopped, script, limits) => {
    expect(await sh(script, { limits })).toMatchObject({ exitCode: null, stopped });
    for (const name of await readdir(folder)) if (name.startsWith("big")) await rm(join(folder, name));
  });

  it("can't make a file larger than its limit", async () => {
    await sh("head -c 100000 /dev/zero > large", { limits: { fileBytes: 10_240 } });
    expect((await readFile(join(folder, "large"))).length).toBe(10_240);
  });

  it("is stopped on abort, and not even begun when it is too late", async () => {
    const controller = new AbortController();
    const attempt = failureOf(call({ script: "echo begun > begun; sleep 1000" }, {}, controller.signal));
    while (!(await readdir(folder)).includes("begun")) await new Promise((resolve) => setTimeout(resolve, 10));
    controller.abort();
    expect(await attempt).toMatchObject({ code: "SHELL_STOPPED", failure: "cancelled" });
    const late = failureOf(call({ script: "echo > late" }, {}, controller.signal));
    expect(await late).toMatchObject({ failure: "cancelled" });
    expect(await readdir(folder)).not.toContain("late");
  });

  it("is one of those that are allowed", async () => {
    const options = { commands: ["echo"] };
    expect(await call({ command: ["echo", "a"] }, options)).toMatchObject(ended("a\n"));
    for (const input of [{ command: ["sh", "-c", "echo a"] }, { script: "echo a" }, { command: ["./echo"] }]) {
      expect(await failureOf(call(input, options))).toMatchObject({ code: "SHELL_REFUSED", failure: "input" });
    }
  });

  it("may read further folders", async () => {
    const other = await mkdtemp(join(tmpdir(), "pawl-shell-reads-"));
    await writeFile(join(other, "note"), "note\n");
    const script = `cat ${join(other, "note")}; echo bad > ${join(other, "note")}`;
    expect(await sh(script)).toMatchObject(ended("", 2));
    expect(await sh(script, { reads: [other] })).toMatchObject(ended("note\n", 2));
    expect(await readFile(join(other, "note"), "utf8")).toBe("note\n");
    await rm(other, { recursive: true });
  });

  it("is not run when its folder or the sandbox is not there", async () => {
    expect(await failureOf(sh("true", { dir: join(folder, "none") }))).toMatchObject({ code: "SHELL_FOLDER" });
    const broken = await failureOf(sh("true", { reads: [join(folder, "none")] }));
    expect(broken).toMatchObject({ code: "SANDBOX_MISSING", failure: "permanent" });
  });
});
