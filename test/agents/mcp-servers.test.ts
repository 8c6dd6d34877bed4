import { setTimeout as sleep } from "node:timers/promises";
import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectMcp, type McpConnection } from "../../src/tools/mcp/connect.ts";
import { callTool, examine, findPort, makeFolder, startHttpServer } from "./mcp-servers.ts";
import { EVERYTHING, toSampleServers } from "./mcp-tables.ts";

let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(async () => await folder.remove());

/** Waits until the connection knows that its server is gone. */
async function untilGone(connection: McpConnection): Promise<void> {
  while (connection.pid !== undefined) await sleep(5);
}

const longRunning = { input: { duration: 60, steps: 60 } };

describe.each(["everything", "filesystem", "memory"])("the reference server %s", (name) => {
  it("has every tool listed and called, and comes back after kill -9", async () => {
    const server = toSampleServers(folder.dir).find((one) => one.name === name);
    if (server === undefined) throw new Error("no such server");
    await using connection = await connectMcp(server, { trustFirst: true });
    const report = await examine(connection, server);
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ listed: report.known, called: report.callable });

    const before = connection.pid ?? 0;
    process.kill(before, "SIGKILL");
    await untilGone(connection);
    const [first] = server.calls;
    const output = await callTool(connection.tools, `${name}.${first?.tool}`, { input: first?.input ?? {} });
    expect(JSON.stringify(output)).toContain(first?.gives);
    expect(connection.pid).not.toBe(before);
  });
});

it("leaves a call in doubt whose server is killed, and does not repeat it", async () => {
  const server = toSampleServers(folder.dir).find(({ name }) => name === "everything");
  if (server === undefined) throw new Error("no such server");
  await using connection = await connectMcp(server, { trustFirst: true });
  const isAlive = Promise.withResolvers<void>();
  const call = callTool(connection.tools, "everything.trigger-long-running-operation", {
    input: { duration: 60, steps: 600 },
    more: { alive: () => isAlive.resolve() },
  });
  await isAlive.promise; // its first progress has come, so it has begun
  process.kill(connection.pid ?? 0, "SIGKILL");
  await expect(call).rejects.toMatchObject({ code: "MCP_CONNECTION_LOST", failure: "transient", mayHaveActed: true });
  expect(connection.pid).toBe(undefined);
});

describe("the reference server everything over HTTP", () => {
  let child: ChildProcess;
  let connection: McpConnection;
  let port = 0;
  beforeAll(async () => {
    port = await findPort();
    child = await startHttpServer(port);
    connection = await connectMcp({ name: "everything", url: `http://127.0.0.1:${port}/mcp` }, { trustFirst: true });
  });
  afterAll(async () => {
    await connection.close();
    child.kill("SIGKILL");
  });

  it("has every tool listed and called", async () => {
    const report = await examine(connection, EVERYTHING);
    expect(report.faults).toEqual([]);
    expect(report).toMatchObject({ listed: report.known, called: report.callable });
  });

  it("cancels a call", async () => {
    const stop = new AbortController();
    const more = { signal: stop.signal, alive: () => stop.abort() };
    const call = callTool(connection.tools, "everything.trigger-long-running-operation", { ...longRunning, more });
    await expect(call).rejects.toMatchObject({ code: "MCP_STOPPED", failure: "cancelled" });
  });

  it("leaves a call in doubt when the server is killed, says when nothing was sent, and then comes back", async () => {
    const isAlive = Promise.withResolvers<void>();
    const more = { alive: () => isAlive.resolve() };
    const call = callTool(connection.tools, "everything.trigger-long-running-operation", { ...longRunning, more });
    await isAlive.promise;
    child.kill("SIGKILL");
    await expect(call).rejects.toMatchObject({ code: "MCP_CONNECTION_LOST", mayHaveActed: true });

    const unsent = callTool(connection.tools, "everything.echo", { input: { message: "?" } });
    await expect(unsent).rejects.toMatchObject({ code: "MCP_UNREACHABLE", mayHaveActed: false });
    child = await startHttpServer(port);
    expect(await callTool(connection.tools, "everything.echo", { input: { message: "back" } })).toEqual({
      text: "Echo: back",
    });
  });

  it("gives up what was asked to stop before it began", async () => {
    const input = { message: "never" };
    const call = callTool(connection.tools, "everything.echo", { input, more: { signal: AbortSignal.abort() } });
    await expect(call).rejects.toMatchObject({ code: "MCP_NOT_STARTED", mayHaveActed: false });
  });
});
