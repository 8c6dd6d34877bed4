import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../tools/lib/paths.ts";
import { command, createBench, readAs } from "./pawl.ts";

interface Outcome {
  readonly run: string;
  readonly tag: string;
  readonly output: unknown;
  readonly waits: readonly { readonly wait: string; readonly show: unknown }[];
  readonly undone: readonly string[];
  readonly notUndone: readonly { readonly node: string }[];
}

const HELLO = `name: hello
input: { type: object, properties: { name: { type: string } }, required: [name] }
nodes:
  greet: ${command("cat").replace("output: text", 'stdin: "${input.name}"')}
output: { said: "\${nodes.greet.output}" }
`;

const ASKS = `name: asks
nodes:
  before: ${command("echo before")}
  approve: { uses: ask, with: { show: { cents: 5 } }, after: [before] }
  after: ${command("echo after", ", after: [approve]")}
output: "\${nodes.after.output}"
`;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe("pawl run", () => {
  it("prints the output of a run that succeeds, and the same for the same id", async () => {
    const { write, pawl } = createBench();
    write("hello.yaml", HELLO);
    const first = await pawl("run", "hello.yaml", "--id", "h1", "--input", '{"name":"Ada"}');
    expect(first).toMatchObject({ code: 0, stdout: '{"said":"Ada"}\n' });
    expect(first.stderr).toContain("greet: succeeded");
    const events = await pawl("runs", "events", "h1", "--json");
    const again = await pawl("run", "hello.yaml", "--id", "h1", "--input", '{"name":"Ada"}', "--json");
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(readAs<Outcome>("run", again.stdout)).toMatchObject({ tag: "succeeded", output: { said: "Ada" } });
    expect(await pawl("runs", "events", "h1", "--json")).toEqual(events);
    const other = await pawl("run", "hello.yaml", "--id", "h1", "--input", '{"name":"Eve"}');
    expect(other).toMatchObject({ code: 2, stdout: "" });
    expect(other.stderr).toContain("RUN_ID_TAKEN");
  });

  it("exits 2 and says what is wrong with the input, before anything runs", async () => {
    const { write, pawl, dir } = createBench();
    write("hello.yaml", HELLO);
    const torn = await pawl("run", "hello.yaml", "--input", '{"name":');
    expect(torn).toMatchObject({ code: 2, stdout: "" });
    expect(torn.stderr).toMatch(/where +--input[^]*expected [^]*got [^]*fix /);
    const wrong = await pawl("run", "hello.yaml", "--input", '{"name":5}', "--json");
    const { error } = readAs<{ error: { code: string; problems: readonly object[] } }>("error", wrong.stderr);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(error).toMatchObject({ code: "INPUT_INVALID", problems: [{ path: "input.name" }] });
    expect(existsSync(join(dir, ".pawl", "pawl.db"))).toBe(true);
    expect(readAs<{ runs: [] }>("runs-ls", (await pawl("runs", "ls", "--json")).stdout).runs).toEqual([]);
  });

  const undoable = (script: string): string => `name: broken
nodes:
  good:
    uses: process
    with: { command: [echo, "1"] }
    effect: { repeat: keyed, undo: { command: [sh, -c, "${script}"] } }
  bad: ${command("exit 65", ", after: [good]")}
`;

  it("rolls back what failed and exits 1", async () => {
    const { write, pawl, dir } = createBench();
    write("undone.yaml", undoable("echo undone >> undone.txt"));
    const undone = await pawl("run", "undone.yaml", "--json");
    expect(undone.code).toBe(1);
    expect(readAs<Outcome>("run", undone.stdout)).toMatchObject({ tag: "rolled-back", output: null, undone: ["good"] });
    expect(readFileSync(join(dir, "undone.txt"), "utf8")).toBe("undone\n");
  });

  // An undo is tried five times with pauses of 15 s in all before it counts as stuck.
  it("exits 4 where an undo is stuck, until it is mended and retried", async () => {
    const { write, pawl } = createBench();
    write("stuck.yaml", undoable("test -e mended || exit 65"));
    const stuck = await pawl("run", "stuck.yaml", "--id", "s1", "--json");
    expect(stuck.code).toBe(4);
    expect(readAs<Outcome>("run", stuck.stdout)).toMatchObject({
      tag: "rollback-stuck",
      notUndone: [{ node: "good" }],
    });
    expect(await pawl("run", "stuck.yaml", "--id", "s1")).toMatchObject({ code: 4, stdout: "" });
    write("mended", "");
    const mended = await pawl("retry", "s1", "--json");
    expect(readAs<Outcome>("run", mended.stdout)).toMatchObject({ tag: "rolled-back", undone: ["good"] });
    expect(mended.code).toBe(1);
  });

  it("reads the input from a file", async () => {
    const { write, pawl } = createBench();
    write("hello.yaml", HELLO);
    write("in.json", '{"name":"file"}');
    expect(await pawl("run", "hello.yaml", "--input", "@in.json")).toMatchObject({
      code: 0,
      stdout: '{"said":"file"}\n',
    });
    expect(await pawl("run", "hello.yaml", "--input", "@gone.json")).toMatchObject({ code: 2 });
    expect(await pawl("run", "gone.yaml")).toMatchObject({ code: 2 });
  });
});

describe("questions", () => {
  it("exits 3 with the question, and an answer alone finishes the run", async () => {
    const { write, pawl } = createBench();
    write("asks.yaml", ASKS);
    const asked = await pawl("run", "asks.yaml", "--id", "a:1", "--json");
    const { waits } = readAs<Outcome>("run", asked.stdout);
    expect(asked.code).toBe(3);
    expect(waits).toMatchObject([{ run: "a:1", node: "approve", kind: "ask", show: { cents: 5 }, answer: null }]);
    const wait = waits[0]?.wait ?? "";
    expect(readAs<Outcome>("inbox", (await pawl("inbox", "--json")).stdout).waits).toEqual(waits);
    const resumed = await pawl("resume", "a:1");
    expect(resumed).toMatchObject({ code: 3, stdout: "" });
    expect(resumed.stderr).toContain(`pawl answer ${wait} yes|no`);

    expect(await pawl("answer", wait, "perhaps")).toMatchObject({ code: 2 });
    const answered = await pawl("answer", wait, "YES", "--by", "ada", "--json");
    expect(answered.code).toBe(0);
    expect(readAs<Outcome>("run", answered.stdout)).toMatchObject({ tag: "succeeded", output: "after", waits: [] });
    expect(await pawl("answer", wait, "yes")).toMatchObject({ code: 2 });
    const events = (await pawl("runs", "events", "a:1", "--json")).stdout.trim().split("\n");
    const all = events.map((line) => readAs<{ event: { type: string; by?: string } }>("runs-events", line).event);
    expect(all.find(({ type }) => type === "wait-closed")).toMatchObject({ by: "ada", value: true });
  });

  it("keeps running with --wait, and takes answers and orders from other processes", async () => {
    const { write, pawl, start } = createBench();
    write("asks.yaml", ASKS);
    const { child, done } = start("run", "asks.yaml", "--id", "w1", "--wait", "--json");
    let waits: Outcome["waits"] = [];
    while (waits.length === 0 && child.exitCode === null)
      waits = JSON.parse((await pawl("inbox", "--json")).stdout || '{"waits":[]}').waits;
    const answered = await pawl("answer", waits[0]?.wait ?? "", "no", "--json");
    expect(answered).toMatchObject({ code: 0, stderr: "" });
    const run = await done;
    expect(run.code).toBe(1);
    expect(readAs<Outcome>("run", run.stdout)).toMatchObject({ tag: "rolled-back" });
  });
});

describe("a plan inside a plan", () => {
  it("waits as a whole, and is finished by the answer", async () => {
    const { write, pawl } = createBench();
    const inner = ASKS.replaceAll(/^/gm, "    ").replace("    name: asks", "  inner:\n    name: asks");
    write(
      "nest.yaml",
      `name: nest
nodes:
  a: { uses: plan, with: { plan: inner, input: null } }
output: "\${nodes.a.output}"
plans:
${inner}
`,
    );
    const asked = await pawl("run", "nest.yaml", "--id", "n1", "--json");
    expect(asked.code).toBe(3);
    const { tag, waits } = readAs<Outcome>("run", asked.stdout);
    expect(tag).toBe("waiting");
    const answered = await pawl("answer", waits[0]?.wait ?? "", "yes", "--json");
    expect(readAs("run", answered.stdout)).toMatchObject({ run: "n1", tag: "succeeded", output: "after" });
  });
});

describe("orders", () => {
  it("cancels, rolls back, forks and retries", async () => {
    const { write, pawl } = createBench();
    write("asks.yaml", ASKS);
    await pawl("run", "asks.yaml", "--id", "o1");
    const cancelled = await pawl("cancel", "o1", "--why", "changed my mind", "--json");
    expect(cancelled.code).toBe(0);
    expect(readAs("run", cancelled.stdout)).toMatchObject({ tag: "cancelled", why: "changed my mind" });
    expect(await pawl("cancel", "o1")).toMatchObject({ code: 2 });
    write("hello.yaml", HELLO);
    await pawl("run", "hello.yaml", "--id", "o2", "--input", '{"name":"Ada"}');
    const forked = await pawl("fork", "o2", "--from", "greet", "--id", "o3", "--tag", "again", "--json");
    expect(forked.code).toBe(0);
    expect(readAs("run", forked.stdout)).toMatchObject({ run: "o3", tag: "succeeded" });
    expect(await pawl("rollback", "o3", "--json")).toMatchObject({ code: 0 });
    expect(await pawl("retry", "o3")).toMatchObject({ code: 2 });
    const listed = readAs<{ runs: readonly { run: string }[] }>(
      "runs-ls",
      (await pawl("runs", "ls", "--tag", "again", "--json")).stdout,
    );
    expect(listed.runs.map(({ run }) => run)).toEqual(["o3"]);
    expect(readAs("runs-show", (await pawl("runs", "show", "o3", "--json")).stdout)).toMatchObject({
      fork: { run: "o2" },
    });
  });
});

describe("signals", () => {
  it("lets what is out end at the first signal, and goes on from there", async () => {
    const { write, pawl, start, dir } = createBench();
    write(
      "slow.yaml",
      `name: slow
nodes:
  one: ${command("touch started; while [ ! -e go ]; do sleep 0.05; done; echo one >> done.txt")}
  two: ${command("echo two >> done.txt; echo end", ", after: [one]")}
output: "\${nodes.two.output}"
`,
    );
    const { child, done } = start("run", "slow.yaml", "--id", "s1");
    while (!existsSync(join(dir, "started"))) await pause(20);
    child.kill("SIGINT");
    child.kill("SIGINT"); // within 50 ms: one press
    await pause(300);
    expect(child.exitCode).toBeNull();
    write("go", "");
    const stopped = await done;
    expect(stopped).toMatchObject({ code: 130, stdout: "" });
    expect(stopped.stderr).toContain("one may end first");
    expect(stopped.stderr).toContain("pawl resume s1");
    expect(readFileSync(join(dir, "done.txt"), "utf8")).toBe("one\n");
    const resumed = await pawl("resume", "--json");
    expect(resumed.code).toBe(0);
    expect(readAs("resume", resumed.stdout)).toMatchObject({ runs: [{ run: "s1", tag: "succeeded", output: "end" }] });
    expect(readFileSync(join(dir, "done.txt"), "utf8")).toBe("one\ntwo\n");
    expect(readAs("verify", (await pawl("verify", "--json")).stdout)).toEqual({ ok: true, runs: 1, problems: [] });
  });

  it("takes over what it follows when the owner is killed", async () => {
    const { write, start, dir } = createBench();
    const script = "echo x >> starts.txt; while [ ! -e go ]; do sleep 0.05; done";
    write("slow.yaml", `name: slow\nnodes:\n  one: ${command(script)}\n`);
    const starts = (): string =>
      existsSync(join(dir, "starts.txt")) ? readFileSync(join(dir, "starts.txt"), "utf8") : "";
    const owner = start("run", "slow.yaml", "--id", "k1");
    while (starts() === "") await pause(20);
    const follower = start("run", "slow.yaml", "--id", "k1");
    while (!follower.said().includes("following it")) await pause(20);
    owner.child.kill("SIGKILL");
    expect((await owner.done).code).toBeNull();
    while (starts() !== "x\nx\n") await pause(20);
    write("go", "");
    const { code, stdout, stderr } = await follower.done;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "null\n" });
    expect(stderr).toContain("this one goes on");
    expect(stderr).toContain("one: outcome unknown (crash)");
  });

  it("stops at once at the second signal", async () => {
    const { write, start, dir } = createBench();
    write("stuck.yaml", `name: stuck\nnodes:\n  one: ${command("touch started; sleep 600")}\n`);
    const { child, done } = start("run", "stuck.yaml");
    while (!existsSync(join(dir, "started"))) await pause(20);
    child.kill("SIGTERM");
    await pause(200);
    child.kill("SIGTERM");
    expect(await done).toMatchObject({ code: 130 });
  });
});

describe("what is shown", () => {
  const HOSTILE = "\u001B[2J\u001B]0;owned\u0007\u202Eevil\u009B31m";

  it("never hands a terminal what an action said raw", async () => {
    const { write, pawl } = createBench({ FORCE_COLOR: "0" });
    write(
      "says.yaml",
      `name: says
nodes:
  good: ${command(`printf '\\033[2J\\342\\200\\256evil\\302\\233' `)}
  bad: ${command(`printf '\\033[2J\\342\\200\\256evil' >&2; exit 65`, ", after: [good], onFailure: skip")}
output: "\${nodes.good.output}"
`,
    );
    const id = `r-${HOSTILE.replaceAll(/[\p{Cc}\p{Cf}]/gu, "")}`;
    const run = await pawl("run", "says.yaml", "--id", id);
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toBe("\u001B[2J\u202Eevil\u009B");
    const said = [
      run,
      await pawl("runs", "show", id),
      await pawl("runs", "events", id),
      await pawl("run", `${HOSTILE}.yaml`),
      await pawl(HOSTILE),
    ];
    for (const { stdout, stderr } of said)
      expect((stdout + stderr).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202E]/u);
  });

  it("has colours where they are forced, and none where they are refused", async () => {
    const coloured = await createBench({ FORCE_COLOR: "1" }).pawl("doctor");
    expect(coloured.stdout).toContain("\u001B[32m✓ ok");
    const plain = await createBench({ FORCE_COLOR: "1", NO_COLOR: "1" }).pawl("doctor");
    expect(plain.stdout).not.toContain("\u001B");
    expect(plain.stdout).toContain("✓ ok");
  });

  it("suggests verbs and options", async () => {
    const { pawl } = createBench();
    expect((await pawl("rnu")).stderr).toContain("Did you mean `pawl run`?");
    expect((await pawl("runs", "sohw")).stderr).toContain("Did you mean `pawl runs show`?");
    const option = await pawl("run", "x.yaml", "--inptu", "1");
    expect(option).toMatchObject({ code: 2, stdout: "" });
    expect(option.stderr).toContain("Did you mean --input?");
    expect(await pawl("run")).toMatchObject({ code: 2 });
    expect(await pawl("runs", "ls", "--limit", "many")).toMatchObject({ code: 2 });
    expect(await pawl("runs", "ls")).toMatchObject({ code: 2 });
  });

  it("helps in the same words", async () => {
    const { pawl } = createBench();
    const helps = await Promise.all([pawl("--help"), pawl("run", "--help"), pawl("answer", "-h")]);
    for (const { code, stdout } of helps)
      expect({ code, isWide: stdout.split("\n").some((line) => line.length > 120) }).toEqual({
        code: 0,
        isWide: false,
      });
    await expect(helps.map(({ stdout }) => stdout).join("\n")).toMatchFileSnapshot("help.golden.txt");
  });

  it("holds every verb's JSON to its schema", async () => {
    const { write, pawl } = createBench();
    readAs("overview", (await pawl("--json")).stdout);
    write("hello.yaml", HELLO);
    write("bad.yaml", HELLO.replace("uses: process", "uses: proces"));
    readAs("plan-check", (await pawl("plan", "check", "hello.yaml", "--json")).stdout);
    const bad = await pawl("plan", "check", "bad.yaml", "--json");
    expect(bad.code).toBe(2);
    expect(readAs("plan-check", bad.stdout)).toMatchObject({ ok: false });
    readAs("plan-graph", (await pawl("plan", "graph", "hello.yaml", "--json")).stdout);
    readAs("doctor", (await pawl("doctor", "--json")).stdout);
    await pawl("run", "hello.yaml", "--input", '{"name":"Ada"}');
    expect(readAs("overview", (await pawl("--json")).stdout)).toMatchObject({ runs: { succeeded: 1 } });
  });
});

describe("the configuration", () => {
  it("brings actions and the folder, and is refused where it is none", async () => {
    const { write, pawl, dir } = createBench();
    const index = JSON.stringify(join(ROOT, "src", "index.ts"));
    write(
      "pawl.config.ts",
      `import { defineConfig, defineQuery, fromJsonSchema } from ${index};
const any = fromJsonSchema<number>({});
const double = defineQuery("double", { input: any, output: any, run: ({ input }) => input * 2 });
export default defineConfig({ dir: "state", use: [double] });
`,
    );
    write("two.yaml", 'name: two\nnodes:\n  d: { uses: double, with: 21 }\noutput: "${nodes.d.output}"\n');
    expect(await pawl("run", "two.yaml")).toMatchObject({ code: 0, stdout: "42\n" });
    expect(existsSync(join(dir, "state", "pawl.db"))).toBe(true);
    write("other.mjs", "export default { uses: [] };");
    const refused = await pawl("run", "two.yaml", "--config", "other.mjs");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("CONFIG_INVALID");
  });
});

describe("start-up", () => {
  it("loads no package for --version and --help", async () => {
    const { pawl, write } = createBench();
    const hooks = write(
      "hooks.mjs",
      `import { registerHooks } from "node:module";
registerHooks({ load: (url, context, next) => { process.stderr.write(url + "\\n"); return next(url, context); } });
`,
    );
    const watched = createBench({ NODE_OPTIONS: `--import=${hooks}` });
    const version = await watched.pawl("--version");
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(version.stderr).toMatch(/\/main\.[tj]s\n/);
    expect(version.stderr).not.toContain("node_modules");
    expect(version.stderr.split("\n").filter((url) => /\/(src|dist)\//.test(url))).toHaveLength(1);
    const help = await watched.pawl("--help");
    expect(help.stderr).not.toContain("node_modules");
    expect(help.stderr.split("\n").filter((url) => /\/(src|dist)\//.test(url)).length).toBeLessThan(7);
    expect((await pawl("--version")).stderr).toBe("");
  });
});
