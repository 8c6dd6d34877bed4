import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const launcher = fileURLToPath(new URL("run.cjs", import.meta.url));
/** A Node that can't become the other one, as an old Node can't: it must start a child and stand between. */
const between = ["-e", `delete process.execve; require(${JSON.stringify(launcher)}).run(process.argv.slice(1))`, "--"];

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Runs a program through the launcher in a session of its own, so that no terminal is involved. */
async function launch(
  how: readonly string[],
  program: string,
  signals: readonly NodeJS.Signals[] = [],
): Promise<Ending> {
  const child = spawn(process.execPath, [...how, "-e", program], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output === "") signals.forEach((signal) => child.kill(signal));
    output += text;
  });
  await once(child, "close");
  return { code: child.exitCode, signal: child.signalCode, output };
}

describe.skipIf(process.platform === "win32").each([
  ["becoming the other Node", [launcher]],
  ["standing between", between],
])("the launcher, %s,", (_, how) => {
  it("hands over the exit code and the output", async () => {
    expect(await launch(how, "console.log(6 * 7); process.exitCode = 5")).toEqual({
      code: 5,
      signal: null,
      output: "42\n",
    });
  });

  it("puts the chosen Node first in PATH", async () => {
    const { output } = await launch(how, "console.log(process.env.PATH.split(':')[0])");
    expect(output.trim()).toBe(dirname(process.execPath));
  });

  it("ends by the signal that ended the child", async () => {
    const program = "process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 10_000)";
    expect(await launch(how, program)).toMatchObject({ code: null, signal: "SIGKILL" });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "passes %s on once, and the child may finish its work",
    async (signal) => {
      const program = `
      let count = 0;
      process.on(${JSON.stringify(signal)}, () => { count += 1; });
      setTimeout(() => { console.log(count); process.exitCode = 3; }, 500);
      console.log("ready");`;
      expect(await launch(how, program, [signal])).toEqual({ code: 3, signal: null, output: "ready\n1\n" });
    },
  );
});
