import { existsSync } from "node:fs";
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QUIET, type AttemptContext, type EffectDefinition } from "../../action/index.ts";
import { isJsonObject, RuntimeFailure, type Json, type JsonObject } from "../../base/index.ts";
import { processAction } from "./process-action.ts";

const NODE = process.execPath;
let folder = "";
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "pawl-process-")));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

function forNode(input: Json, effect?: JsonObject): EffectDefinition {
  const { definition } = processAction;
  if (definition.tag !== "by-node") throw new Error("expected a definition by node");
  return definition.forNode({ with: input, effect });
}

function toContext(input: Json, more: Partial<AttemptContext<Json>> = {}): AttemptContext<Json> {
  const { signal } = new AbortController();
  return {
    ...QUIET,
    input,
    key: "key-1",
    token: 7,
    signal,
    run: "run-1",
    node: "node-1",
    attempt: 2,
    ...more,
  };
}

/** Gives `with` of a node that runs a JavaScript program. */
const script = (code: string, options: JsonObject = {}): JsonObject => ({ command: [NODE, "-e", code], ...options });
const shell = (code: string, options: JsonObject = {}): JsonObject => ({ command: ["sh", "-c", code], ...options });

const run = async (input: Json, more: Partial<AttemptContext<Json>> = {}): Promise<unknown> =>
  await forNode(input).run(toContext(input, more));

/** Gives what an attempt threw, with only what a journal keeps of it. */
async function failureOf(
  attempt: Promise<unknown>,
): Promise<Pick<RuntimeFailure, "failure" | "code" | "message" | "mayHaveActed">> {
  const error = await attempt.then(
    (value) => new Error(`expected a failure, got ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!RuntimeFailure.is(error)) throw error;
  return error;
}

async function undo(input: Json, effect: JsonObject, output: Json): Promise<void> {
  const definition = forNode(input, effect);
  if (typeof definition.undo !== "function") throw new Error("expected an undo");
  await definition.undo({ ...toContext(input), key: "undo-key", undoes: "key-1", output });
}

async function check(input: Json, effect: JsonObject, more: Partial<AttemptContext<Json>> = {}): Promise<unknown> {
  const definition = forNode(input, effect);
  if (definition.check === undefined) throw new Error("expected a check");
  return await definition.check(toContext(input, more));
}

/** Waits until a file is there and gives its lines; the test's own limit ends the wait. */
async function linesOf(file: string, count = 1): Promise<string[]> {
  for (;;) {
    const text = existsSync(file) ? await readFile(file, "utf8") : "";
    const lines = text.split("\n").slice(0, -1);
    if (lines.length >= count) return lines;
    await sleep(10);
  }
}

/** Tells whether a process runs; one that is dead but not collected by its parent does not. */
async function isRunning(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return status !== "" && !/^\d+ \(.*\) [ZX]/su.test(status);
}

async function untilGone(pid: string): Promise<void> {
  while (await isRunning(pid)) await sleep(10);
}

const ECHO = "process.stdin.pipe(process.stdout)";
const ARGV = "console.log(JSON.stringify(process.argv.slice(1)))";
const ENVIRONMENT = "console.log(JSON.stringify(process.env))";

describe("what a process is given", () => {
  it("is JSON on standard input, and its standard output is JSON", async () => {
    const stdin = { text: 'a "quoted"\nline', list: [1, null, true] };
    expect(await run(script(ECHO, { stdin }))).toEqual(stdin);
    expect(await run(script(ECHO, { input: stdin }))).toEqual(stdin);
    expect(await run(script(ECHO))).toBe(null);
    expect(await run(script(ECHO, { stdin: false }))).toBe(false);
  });

  it("is its arguments exactly as they are, with no shell between", async () => {
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
    expect(await run({ command: [NODE, "-e", ARGV, "--", ...words] })).toEqual(words);
    expect(await run({ command: [NODE, "-e", ARGV, "--", 12, true, 0.5] })).toEqual(["12", "true", "0.5"]);
  });

  it("is an environment from an allow-list, so that no secret leaks into it", async () => {
    const before = { ...process.env };
    Object.assign(process.env, { SECRET_KEY: "hunter2", LC_TIME: "C", PASSED: "yes", TZ: "UTC", PAWL_STALE: "1" });
    try {
      const seen = await run(
        script(ENVIRONMENT, { passEnv: ["PASSED", "NOT_THERE"], env: { OWN: "a b", COUNT: 3, TZ: "Asia/Tokyo" } }),
      );
      const names = isJsonObject(seen) ? Object.keys(seen) : [];
      const basic = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "LC_TIME", "PASSED", "OWN", "COUNT"];
      const told = ["PAWL_RUN", "PAWL_NODE", "PAWL_ATTEMPT", "PAWL_KEY", "PAWL_TOKEN", "PAWL_KIND"];
      expect(names.filter((name) => ![...basic, ...told].includes(name) && !name.startsWith("LC_"))).toEqual([]);
      expect(seen).toMatchObject({
        PASSED: "yes",
        OWN: "a b",
        COUNT: "3",
        TZ: "Asia/Tokyo",
        LC_TIME: "C",
        PATH: process.env["PATH"],
      });
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  it("is the facts of its attempt", async () => {
    const told = {
      PAWL_RUN: "run-1",
      PAWL_NODE: "node-1",
      PAWL_ATTEMPT: "2",
      PAWL_KEY: "key-1",
      PAWL_TOKEN: "7",
      PAWL_KIND: "run",
    };
    expect(await run(script(ENVIRONMENT))).toMatchObject(told);
  });

  it("is a folder of its own where the plan says so", async () => {
    expect(await run(script("console.log(JSON.stringify(process.cwd()))", { cwd: folder }))).toBe(folder);
    await writeFile(join(folder, "here"), "#!/bin/sh\necho '\"found\"'\n");
    await chmod(join(folder, "here"), 0o755);
    expect(await run({ command: ["./here"], cwd: folder })).toBe("found");
  });

  it("may be more than it reads", async () => {
    const stdin = "x".repeat(8_000_000);
    expect(await run(script("setTimeout(() => console.log(1), 20)", { stdin }))).toBe(1);
    expect(await run({ command: ["true"], stdin })).toBe(null);
    expect(await run(script(ECHO, { stdin, maxOutputBytes: 9_000_000 }))).toBe(stdin);
  });
});

describe("what a process gives", () => {
  it("is text or lines on request", async () => {
    expect(await run(shell("printf ' a\\nb\\n\\n'", { output: "text" }))).toBe(" a\nb\n");
    expect(await run(shell("printf 'a\\r\\nb\\n'", { output: "lines" }))).toEqual(["a", "b"]);
    expect(await run(shell("printf 'a\\n\\n'", { output: "lines" }))).toEqual(["a", ""]);
    expect(await run(shell("true", { output: "lines" }))).toEqual([]);
    expect(await run(shell("true", { output: "text" }))).toBe("");
    expect(await run(shell("printf ' \\n'"))).toBe(null);
  });

  it.each([
    ["text", "echo hello", "hello"],
    ["two documents", "echo 1; echo 2", "1\\n2"],
    ["a key twice", `echo '{"a":1,"a":2}'`, "JSON_DUPLICATE_KEY"],
    ["a number that would lose digits", "echo 9007199254740993", "JSON_UNSAFE_NUMBER"],
    ["bytes that are no text", "printf '\"\\377\"'", "not UTF-8"],
  ])("is refused when it is %s", async (_, code, part) => {
    const failure = await failureOf(run(shell(code)));
    expect(failure).toMatchObject({ failure: "permanent", code: "PROCESS_BAD_OUTPUT", mayHaveActed: true });
    expect(failure.message).toContain(part);
  });

  it("keeps every sign of life", async () => {
    let signs = 0;
    const code = "echo a >&2; sleep 0.1; echo b >&2; sleep 0.1; echo 1";
    await run(shell(code), { alive: () => (signs += 1) });
    expect(signs).toBe(3);
  });

  it("is cut off at its limit, and the process is stopped", async () => {
    const failure = await failureOf(run(shell("yes", { maxOutputBytes: 100_000 })));
    expect(failure).toMatchObject({ failure: "permanent", code: "PROCESS_OUTPUT_TOO_LARGE", mayHaveActed: true });
    expect(failure.message).toContain("100000 bytes");
    expect(await run(shell("printf '%0100000d' 0", { output: "text", maxOutputBytes: 100_000 }))).toHaveLength(100_000);
  });
});

describe("how a process ends", () => {
  it.each([
    ["exit 1", { failure: "transient", code: "PROCESS_FAILED", mayHaveActed: false }, "exit code 1"],
    ["exit 64", { failure: "permanent", code: "PROCESS_FAILED", mayHaveActed: false }, "exit code 64"],
    ["exit 65", { failure: "permanent", code: "PROCESS_FAILED", mayHaveActed: false }, "exit code 65"],
    ["kill -KILL $$", { failure: "transient", code: "PROCESS_KILLED", mayHaveActed: true }, "SIGKILL"],
  ])("decides the failure: %s", async (code, expected, part) => {
    const failure = await failureOf(run(shell(code)));
    expect(failure).toMatchObject(expected);
    expect(failure.message).toContain(part);
  });

  it("may be well with other exit codes", async () => {
    expect(await run(shell("echo 5; exit 1", { okExitCodes: [0, 1] }))).toBe(5);
    expect(await failureOf(run(shell("exit 0", { okExitCodes: [1] })))).toMatchObject({ code: "PROCESS_FAILED" });
  });

  it("quotes the end of standard error, without control characters and without passed secrets", async () => {
    process.env["PASSED_TOKEN"] = "s3cret-value";
    try {
      const code =
        "printf '%02000d' 7 >&2; sleep 0.05; printf '%02000d' 7 >&2; sleep 0.05; printf '\\033[31mred\\033[0m \\a %s\\nlast\\n' $PASSED_TOKEN >&2; exit 2";
      const { message } = await failureOf(run(shell(code, { passEnv: ["PASSED_TOKEN"] })));
      expect(message).toMatch(/red {2}\[PASSED_TOKEN\]\nlast$/u);
      expect(message).not.toContain("s3cret");
      expect(message.length).toBeLessThan(2_300);
      const bad = await failureOf(run(shell("echo $PASSED_TOKEN", { passEnv: ["PASSED_TOKEN"] })));
      expect(bad.message).not.toContain("s3cret");
    } finally {
      delete process.env["PASSED_TOKEN"];
    }
  });

  it.each([
    ["there is no such program", { command: ["no-such-program-here"] }, "no such program"],
    ["a line for a shell was meant", { command: ["echo hello"] }, "not a line for a shell"],
    ["the folder is missing", { command: ["true"], cwd: "/no/such/folder" }, "cwd"],
    ["it is not executable", { command: ["/etc/passwd"] }, "chmod"],
    ["its arguments are too large", { command: ["true", "x".repeat(3_000_000)] }, "standard input"],
  ])("is never, when %s", async (_, input, part) => {
    const failure = await failureOf(run(input));
    expect(failure).toMatchObject({ failure: "permanent", code: "PROCESS_NOT_FOUND", mayHaveActed: false });
    expect(failure.message).toContain(part);
  });
});

describe("stopping a process", () => {
  it("doesn't start it at all when that comes first", async () => {
    const file = join(folder, "never");
    const failure = await failureOf(run({ command: ["touch", file] }, { signal: AbortSignal.abort() }));
    expect(failure).toMatchObject({ failure: "cancelled", code: "PROCESS_NOT_STARTED" });
    expect(existsSync(file)).toBe(false);
  });

  it("ends what it has started too", async () => {
    const file = join(folder, "group");
    const stop = new AbortController();
    const attempt = failureOf(
      run(shell(`echo $$ > ${file}; sh -c 'echo $$ >> ${file}; sleep 1000' & wait`), { signal: stop.signal }),
    );
    const [child = "", grandchild = ""] = await linesOf(file, 2);
    expect([await isRunning(child), await isRunning(grandchild)]).toEqual([true, true]);
    stop.abort();
    expect(await attempt).toMatchObject({ failure: "cancelled", code: "PROCESS_STOPPED" });
    expect([await isRunning(child), await isRunning(grandchild)]).toEqual([false, false]);
  });

  it("lets it finish in the grace time, and kills it after", async () => {
    const file = join(folder, "stubborn");
    const stop = new AbortController();
    const code = `trap 'echo term >> ${file}' TERM; echo $$ >> ${file}; while :; do sleep 0.01; done`;
    const attempt = failureOf(run(shell(code, { graceMs: 300 }), { signal: stop.signal }));
    const [pid = ""] = await linesOf(file);
    stop.abort();
    expect(await attempt).toMatchObject({ failure: "cancelled", code: "PROCESS_STOPPED" });
    expect(await linesOf(file, 2)).toEqual([pid, "term"]);
    await untilGone(pid);
  });

  it("kills what stays behind in the group when the process itself obeys", async () => {
    const file = join(folder, "orphan");
    const stop = new AbortController();
    const stubborn = `trap '' TERM; echo $$ > ${file}; while :; do sleep 0.01; done`;
    const attempt = failureOf(
      run(shell(`sh -c "${stubborn.replaceAll("$", "\\$")}" & wait`, { graceMs: 200 }), { signal: stop.signal }),
    );
    const [pid = ""] = await linesOf(file);
    stop.abort();
    expect(await attempt).toMatchObject({ code: "PROCESS_STOPPED" });
    await untilGone(pid);
  });

  it("believes a whole answer that came all the same, and not a silent good end", async () => {
    const answer = async (code: string): Promise<unknown> => {
      const file = join(folder, `ready-${Math.abs(code.length)}`);
      await rm(file, { force: true });
      const stop = new AbortController();
      const attempt = run(
        script(
          `process.on("SIGTERM", () => { ${code} process.exit(0) }); require("fs").writeFileSync(${JSON.stringify(file)}, "ready\\n"); setInterval(() => 0, 1000)`,
        ),
        { signal: stop.signal },
      );
      await Promise.race([linesOf(file), attempt]);
      stop.abort();
      return await attempt;
    };
    expect(await answer('require("fs").writeSync(1, \'{"charged":1}\');')).toEqual({ charged: 1 });
    expect(await failureOf(answer(""))).toMatchObject({ code: "PROCESS_STOPPED" });
    expect(await failureOf(answer("console.log();"))).toMatchObject({ code: "PROCESS_STOPPED" });
    expect(await failureOf(answer('require("fs").writeSync(1, \'{"charg\');'))).toMatchObject({
      code: "PROCESS_STOPPED",
    });
    expect(await failureOf(answer('require("fs").writeSync(1, "1"); process.exit(1);'))).toMatchObject({
      code: "PROCESS_STOPPED",
    });
  });

  it("changes nothing once it has ended", async () => {
    const stop = new AbortController();
    expect(await run(shell("echo 1"), { signal: stop.signal })).toBe(1);
    stop.abort();
    await sleep(30);
  });
});

describe("what a process leaves behind", () => {
  it("is ended with it, so that nothing acts after the outcome", async () => {
    const file = join(folder, "left");
    expect(await run(shell(`sleep 1000 & echo $! > ${file}; echo 1`))).toBe(1);
    const [pid = ""] = await linesOf(file);
    await untilGone(pid);
  });

  it("can't keep the attempt waiting by holding its output open", async () => {
    const file = join(folder, "daemon");
    const daemon = `setsid sh -c 'echo $$ > ${file}; exec sleep 1000' &`;
    const attempt = run(shell(`${daemon} while ! test -s ${file}; do sleep 0.01; done; echo 1`));
    const [pid = ""] = await linesOf(file);
    try {
      expect(await attempt).toBe(1);
      expect(await isRunning(pid)).toBe(true);
    } finally {
      process.kill(Number(pid));
    }
  });

  it("may still say its last words, soon after", async () => {
    const file = join(folder, "words");
    const late = `setsid sh -c 'echo $$ > ${file}; while kill -0 '$$'; do sleep 0.01; done 2>/dev/null; printf 2' &`;
    expect(await run(shell(`printf 1; ${late} while ! test -s ${file}; do sleep 0.01; done`))).toBe(12);
  });

  it("can't do so by writing without end either", async () => {
    const file = join(folder, "chatter");
    const daemon = `setsid sh -c 'echo $$ > ${file}; exec 2>/dev/null; while sleep 0.05; do echo 2 || exit; done' &`;
    const attempt = failureOf(run(shell(`${daemon} while ! test -s ${file}; do sleep 0.01; done; echo x`)));
    const [pid = ""] = await linesOf(file);
    try {
      expect(await attempt).toMatchObject({ code: "PROCESS_BAD_OUTPUT" });
    } finally {
      if (await isRunning(pid)) process.kill(Number(pid));
    }
  });
});

describe("the nature of a process", () => {
  it("is never and impossible until the file says more", () => {
    expect(forNode({ command: ["a"] })).toMatchObject({
      isQuery: false,
      repeat: "never",
      undo: "impossible",
      check: undefined,
    });
    expect(forNode({ command: ["a"] }, { repeat: "safe" })).toMatchObject({ repeat: "safe", undo: "impossible" });
    expect(forNode({ command: ["a"] }, { undo: "not-needed" })).toMatchObject({ repeat: "never", undo: "not-needed" });
  });

  it("may have templates that only the run can fill", () => {
    for (const input of [
      "${input.all}",
      { command: "${input.words}" },
      { command: ["./a", "${input.id}"], cwd: "${input.dir}" },
      { command: ["a"], okExitCodes: ["${input.code}"] },
    ]) {
      expect(() => forNode(input)).not.toThrow();
    }
  });

  it.each<[string, readonly [Json, JsonObject?], string]>([
    ["no options", [null], "with: expected an object"],
    ["no command", [{}], "with.command"],
    ["a line instead of a list", [{ command: "ls -l" }], "with.command"],
    ["an empty list", [{ command: [] }], "with.command"],
    ["an empty program", [{ command: [""] }], "with.command"],
    ["a zero character", [{ command: ["a", "b\0c"] }], "with.command"],
    ["a list as an argument", [{ command: ["a", ["b"]] }], "with.command"],
    ["an unknown option", [{ command: ["a"], shell: true }], "with.shell"],
    ["an unknown output", [{ command: ["a"], output: "yaml" }], '"yaml"'],
    ["input twice", [{ command: ["a"], stdin: 1, input: 2 }], "with.input"],
    ["a variable of ours", [{ command: ["a"], env: { PAWL_KEY: "1" } }], "PAWL_KEY"],
    ["a variable's bad name", [{ command: ["a"], env: { "A=B": "1" } }], "with.env"],
    ["an exit code out of range", [{ command: ["a"], okExitCodes: [256] }], "with.okExitCodes"],
    ["an unknown repeat", [{ command: ["a"] }, { repeat: "often" }], "effect.repeat"],
    ["an unknown undo", [{ command: ["a"] }, { undo: "no" }], "effect.undo"],
    ["an undo without command", [{ command: ["a"] }, { undo: {} }], "effect.undo.command"],
    ["a check that is none", [{ command: ["a"] }, { check: "yes" }], "effect.check"],
    ["an unknown part", [{ command: ["a"] }, { redo: {} }], "effect.redo"],
    [
      "an expression in an undo",
      [{ command: ["a"] }, { undo: { command: ["a", "${output.a + 1}"] } }],
      "${output.a + 1}",
    ],
    [
      "the output in a check",
      [{ command: ["a"] }, { check: { command: ["a", "${output.id}"] } }],
      "effect.check.command.1",
    ],
    ["an open placeholder", [{ command: ["a"] }, { undo: { command: ["a", "${output.a"] } }], "without `}`"],
  ])("is refused with %s", (_, [input, effect], part) => {
    let failure: unknown;
    try {
      forNode(input, effect);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ failure: "input" });
    expect(String(failure)).toContain(part);
  });

  it("shows no value that could be a secret in a refusal", () => {
    const secret = "hunter2-secret";
    for (const input of [
      { command: ["a"], env: { A: [secret] } },
      { command: [[secret]] },
      { command: ["a"], cwd: { secret } },
    ]) {
      expect(() => forNode(input)).toThrow(/^(?!.*hunter2)/su);
    }
  });
});

describe("an undo", () => {
  it("gets the output on standard input, and its key in the environment", async () => {
    const file = join(folder, "undo");
    const program = `const seen = [JSON.parse(require("fs").readFileSync(0, "utf8")), process.argv.slice(2), process.env.PAWL_KIND, process.env.PAWL_KEY, process.env.PAWL_UNDOES, process.env.EXTRA, process.cwd()]; require("fs").writeFileSync(process.argv[1], JSON.stringify(seen) + "\\n"); console.log("any text")`;
    const command = [
      NODE,
      "-e",
      program,
      "--",
      file,
      "${output.payment.id}",
      "no ${input.stdin.order}",
      "${output.list.1}",
      "${key}",
      "${output.cents}",
    ];
    const input = { command: ["pay"], stdin: { order: "a b" }, env: { EXTRA: "e" }, cwd: folder, okExitCodes: [0, 7] };
    const output = { payment: { id: "$(id) x\ny" }, list: ["a", "b"], cents: 5 };
    await undo(input, { undo: { command } }, output);
    const [line = ""] = await linesOf(file);
    const words = ["$(id) x\ny", "no a b", "b", "undo-key", "5"];
    expect(JSON.parse(line)).toEqual([output, words, "undo", "undo-key", "key-1", "e", folder]);
  });

  it("fails unless it ends with 0, whatever exit codes the run may have", async () => {
    const input = { command: ["pay"], okExitCodes: [0, 7] };
    const failing = undo(input, { undo: { command: ["sh", "-c", "exit 7"] } }, null);
    expect(await failureOf(failing)).toMatchObject({ failure: "transient", code: "PROCESS_FAILED" });
    const loud = { undo: { command: ["sh", "-c", "echo not json"] } };
    await expect(undo(input, loud, null)).resolves.toBe(undefined);
  });

  it.each([
    ["is missing", "${output.nothing}"],
    ["is inherited, not data", "${output.constructor.name}"],
    ["is an object", "${output.payment}"],
    ["is null", "a ${output.none}"],
  ])("is refused when a value %s", async (_, word) => {
    const attempt = undo({ command: ["pay"] }, { undo: { command: ["true", word] } }, { payment: {}, none: null });
    expect(await failureOf(attempt)).toMatchObject({ failure: "input" });
  });
});

describe("a check", () => {
  it.each<[string, unknown]>([
    [`echo '{"id":1}'`, { tag: "done", output: { id: 1 } }],
    ["true", { tag: "done", output: null }],
    [`echo '{"tag":"done","output":{"id":1}}'`, { tag: "done", output: { id: 1 } }],
    [`echo '{"tag":"not-done"}'`, { tag: "not-done" }],
    [`echo '{"tag":"cannot-tell"}'`, { tag: "cannot-tell" }],
    [`echo '{"tag":"done","output":1,"more":2}'`, { tag: "done", output: { tag: "done", output: 1, more: 2 } }],
    ["exit 3", { tag: "not-done" }],
    ["echo 1; exit 3", { tag: "not-done" }],
    ["exit 4", { tag: "cannot-tell" }],
    ["exit 1", { tag: "cannot-tell" }],
    ["kill -KILL $$", { tag: "cannot-tell" }],
    ["echo not json", { tag: "cannot-tell" }],
  ])("%s", async (code, outcome) => {
    const input = { command: ["pay"], okExitCodes: [0, 1, 3] };
    expect(await check(input, { check: { command: ["sh", "-c", code] } })).toEqual(outcome);
  });

  it("gets the run's input and key", async () => {
    const program = `console.log(JSON.stringify([JSON.parse(require("fs").readFileSync(0, "utf8")), process.env.PAWL_KIND, process.env.PAWL_KEY, process.argv[1]]))`;
    const effect = { check: { command: [NODE, "-e", program, "--", "${key}-${input.stdin.order}"] } };
    const outcome = await check({ command: ["pay"], stdin: { order: 9 } }, effect);
    expect(outcome).toEqual({ tag: "done", output: [{ order: 9 }, "check", "key-1", "key-1-9"] });
  });

  it("says so when it was stopped or can't be started", async () => {
    const command = ["sleep", "1000"];
    const signal = AbortSignal.timeout(50);
    expect(await failureOf(check({ command }, { check: { command } }, { signal }))).toMatchObject({
      code: "PROCESS_STOPPED",
    });
    const missing = check({ command }, { check: { command: ["no-such-program-here"] } });
    expect(await failureOf(missing)).toMatchObject({ code: "PROCESS_NOT_FOUND" });
  });
});

describe("an effect whose undo may run in doubt", () => {
  it("says so to the engine, and by default does not", () => {
    const definition = processAction.definition;
    if (definition.tag !== "by-node") throw new Error("expected one definition per node");
    const made = (effect: Record<string, boolean | object>): boolean | undefined =>
      definition.forNode({
        with: { command: ["true"] },
        effect: { repeat: "keyed", undo: { command: ["true"] }, ...effect },
      }).undoesUnknown;
    expect(made({ undoesUnknown: true })).toBe(true);
    expect(made({})).toBe(false);
    expect(() => made({ undoesUnknown: {} })).toThrow("undoesUnknown");
  });
});
