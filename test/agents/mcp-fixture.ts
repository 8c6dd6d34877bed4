/**
 * An MCP server that does as a test says, by hand, so that it can also do what no library would: its tools are what
 * stands in a file now. Run: node mcp-fixture.ts FILE. What it does is noted in FILE.log, a line each.
 */
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly requestId?: number;
    readonly _meta?: { readonly progressToken?: number; readonly "pawl/key"?: string };
  };
}

const [file = ""] = process.argv.slice(2);
const note = (line: string): void => appendFileSync(`${file}.log`, `${line}\n`);
const send = (message: object): void =>
  void process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
const say = (id: number | undefined, text: string): void => send({ id, result: { content: [{ type: "text", text }] } });

/** What a tool of this name does; any other name gives its arguments back. */
const doings: Readonly<Record<string, (message: Message) => void>> = {
  hang: () => {},
  die: () => process.exit(7),
  fail: ({ id }) => send({ id, result: { isError: true, content: [{ type: "text", text: "no \u001B[31mluck" }] } }),
  refuse: ({ id }) => send({ id, error: { code: -32_602, message: "not like this" } }),
  break: ({ id }) => send({ id, error: { code: -32_603, message: "something broke" } }),
  nonsense: ({ id }) => send({ id, result: { content: "none" } }),
  large: ({ id }) => say(id, "x".repeat(2_000_000)),
  announce: ({ id }) => {
    send({ method: "notifications/tools/list_changed" });
    say(id, "announced");
  },
  key: ({ id, params }) => say(id, params?._meta?.["pawl/key"] ?? "none"),
  environment: ({ id }) => say(id, JSON.stringify(process.env)),
  steps: ({ id, params }) => {
    const progressToken = params?._meta?.progressToken;
    for (const progress of [1, 2, 3]) send({ method: "notifications/progress", params: { progressToken, progress } });
    setTimeout(() => say(id, "three steps"), 50);
  },
  child: ({ id }) => say(id, String(spawn("sleep", ["1000"], { stdio: "inherit" }).pid)),
};

function answer(message: Message): void {
  const { id, method, params } = message;
  if (method === "initialize") {
    const capabilities = { tools: { listChanged: true } };
    send({
      id,
      result: { protocolVersion: "2025-11-25", capabilities, serverInfo: { name: "fixture", version: "1" } },
    });
  } else if (method === "tools/list") {
    const tools: unknown = JSON.parse(readFileSync(file, "utf8"));
    send({ id, result: { tools } });
  } else if (method === "tools/call") {
    note(`call ${params?.name}`);
    const doing = doings[params?.name ?? ""];
    if (doing === undefined) say(id, JSON.stringify(params?.arguments ?? {}));
    else doing(message);
  } else if (method === "notifications/cancelled") note("cancelled");
}

process.stdout.write("a greeting that is no message\n");
process.stderr.write("the fixture is here\n");
createInterface({ input: process.stdin }).on("line", (line) => {
  const message: Message = JSON.parse(line);
  answer(message);
});
