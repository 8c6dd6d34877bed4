/**
 * Calls every tool of the reference servers of MCP and prints one line of counts; exits 1 when anything failed.
 * Run: node tools/node/run.cjs test/agents/mcp-servers.ts
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { QUIET, type AnyAction, type AttemptContext } from "../../src/action/index.ts";
import type { Json, JsonObject, StandardSchema } from "../../src/base/index.ts";
import { connectMcp, type McpConnection } from "../../src/tools/mcp/connect.ts";
import { EVERYTHING, EVERYTHING_UNLISTED, toProgram, toSampleServers, type SampleServer } from "./mcp-tables.ts";

/** How one server did. */
export interface ServerReport {
  readonly name: string;
  readonly listed: number;
  readonly known: number;
  readonly called: number;
  readonly callable: number;
  readonly faults: readonly string[];
}

/** Gives what an attempt is given, for a call outside any run. */
export function toContext(input: Json, more: Partial<AttemptContext<Json>> = {}): AttemptContext<Json> {
  const { signal } = new AbortController();
  return { ...QUIET, input, key: "key-1", token: 1, signal, run: "run-1", node: "node-1", attempt: 1, ...more };
}

/** Calls a tool as the gateway would: input and output checked by the action's schemas. */
export async function callTool(
  tools: readonly AnyAction[],
  name: string,
  { input = {}, more = {} }: { readonly input?: JsonObject; readonly more?: Partial<AttemptContext<Json>> } = {},
): Promise<unknown> {
  const definition = tools.find((tool) => tool.name === name)?.definition;
  if (definition?.tag !== "effect") throw new Error(`there is no tool ${name}`);
  await check(definition.input, input, `the input of ${name}`);
  const output: unknown = await definition.run(toContext(input, more));
  await check(definition.output, output, `the output of ${name}`);
  return output;
}

async function check(schema: StandardSchema | undefined, value: unknown, what: string): Promise<void> {
  const result = await schema?.["~standard"].validate(value);
  if (result?.issues !== undefined) throw new Error(`${what}: ${JSON.stringify(result.issues)}`);
}

/** Calls all tools of a connected server, and finds what the table doesn't know. */
export async function examine(
  connection: McpConnection,
  { calls, uncallable }: Pick<SampleServer, "calls" | "uncallable">,
): Promise<ServerReport> {
  const { name, tools, refused } = connection;
  const listed = [...tools.map((tool) => tool.name.slice(name.length + 1)), ...refused.map(({ tool }) => tool)];
  const called = new Set<string>();
  const faults = listed
    .filter((tool) => !(tool in uncallable) && !calls.some((one) => one.tool === tool))
    .map((tool) => `${tool}: the table has no input for it`);
  for (const { tool, reason } of refused) if (!(tool in uncallable)) faults.push(`${tool}: ${reason}`);
  for (const { tool, input, gives } of calls) {
    try {
      const output = JSON.stringify(await callTool(tools, `${name}.${tool}`, { input }));
      if (output.includes(gives)) called.add(tool);
      else faults.push(`${tool}: expected ${gives} in ${output.slice(0, 300)}`);
    } catch (error) {
      faults.push(`${tool}: ${String(error)}`);
    }
  }
  const callable = new Set(calls.map(({ tool }) => tool)).size;
  const known = callable + Object.keys(uncallable).length;
  return { name, listed: listed.length, known, called: called.size, callable, faults };
}

/** A folder of its own for servers that keep things. */
export async function makeFolder(): Promise<{ readonly dir: string; readonly remove: () => Promise<void> }> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "pawl-mcp-")));
  return { dir, remove: async () => await rm(dir, { recursive: true, force: true }) };
}

/** The server "everything" on a port of its own. */
export async function startHttpServer(port: number): Promise<ChildProcess> {
  const [program = "", ...rest] = toProgram("everything");
  const child = spawn(program, [...rest, "streamableHttp"], {
    env: { ...process.env, PORT: String(port) },
    stdio: "ignore",
  });
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error("the server ended before it listened");
    await sleep(20);
  }
  return child;
}

/** A port that nobody has now. */
export async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function isListening(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/mcp`).then(
    async (response) => (await response.arrayBuffer(), true),
    () => false,
  );
}

async function examineAll(): Promise<readonly ServerReport[]> {
  const folder = await makeFolder();
  const reports: ServerReport[] = [];
  const port = await findPort();
  const child = await startHttpServer(port);
  try {
    for (const server of toSampleServers(folder.dir)) {
      await using connection = await connectMcp(server, { trustFirst: true });
      reports.push(await examine(connection, server));
    }
    const url = `http://127.0.0.1:${port}/mcp`;
    await using connection = await connectMcp({ name: "everything", url }, { trustFirst: true });
    reports.push({ ...(await examine(connection, EVERYTHING)), name: "everything-http" });
  } finally {
    child.kill("SIGKILL");
    await folder.remove();
  }
  return reports;
}

function toLine({ name, listed, known, called, callable }: ServerReport): string {
  return `${name} ${listed}/${known} listed, ${called}/${callable} called`;
}

if (import.meta.main) {
  const reports = await examineAll();
  for (const { name, faults } of reports) for (const fault of faults) process.stderr.write(`${name}.${fault}\n`);
  const toReasons = (tools: Readonly<Record<string, string>>): string =>
    Object.entries(tools)
      .map(([tool, reason]) => `${tool} (${reason})`)
      .join(", ");
  const notCalled = `not called: ${toReasons(EVERYTHING.uncallable)}`;
  const notListed = `not listed to us: ${toReasons(EVERYTHING_UNLISTED)}`;
  const isWell = reports.every(({ faults, listed, known }) => faults.length === 0 && listed === known);
  const said = [...reports.map(toLine), notCalled, notListed].join("; ");
  process.stdout.write(`RESULT ${isWell ? "ok" : "fail"}: ${said}\n`);
  process.exitCode = isWell ? 0 : 1;
}
