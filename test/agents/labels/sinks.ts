import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import type { AnyAction, Label } from "../../../src/action/index.ts";
import type { JsonObject } from "../../../src/base/index.ts";
import { defineAction } from "../../../src/index.ts";
import { createNetGateway, fetchTool, shellTool } from "../../../src/tools/index.ts";
import { anything, fields, listen } from "./sources.ts";

/** A sink, opened. */
export interface OpenSink {
  readonly action: AnyAction;
  readonly input: JsonObject;
  /** How a model is to write that, where it is shown another form. */
  readonly order?: JsonObject;
  /** Its input where a plan gives it the value of an expression. */
  readonly carry: (expression: string) => JsonObject;
  /** How often it really acted: of what it did, not of what it was told. */
  readonly acted: () => number;
  readonly close?: () => void;
}

/** Where words must not go, or may. */
export interface Sink {
  readonly name: string;
  readonly refuses: readonly Label[];
  /** Every call waits for a person, wherever its input comes from. */
  readonly isAsked?: boolean;
  /** The person allows it. */
  readonly isAllowed?: boolean;
  readonly open: (dir: string) => OpenSink | Promise<OpenSink>;
}

function effect(refuses: readonly Label[], approve?: "always"): OpenSink {
  let acted = 0;
  const action = defineAction("act", {
    description: "Acts.",
    input: fields,
    output: anything,
    repeat: "keyed",
    undo: "impossible",
    labels: { refuses },
    ...(approve !== undefined && { approve }),
    run: () => (acted += 1),
  });
  return { action, input: { x: 1 }, carry: (of) => ({ x: `\${${of}}` }), acted: () => acted };
}

/** The real tool, and a server that counts who asks. */
async function openFetch(): Promise<OpenSink> {
  let acted = 0;
  const server = createServer((_, response) => {
    acted += 1;
    response.setHeader("content-type", "text/plain").end("thanks");
  });
  const { port, close } = await listen(server);
  const gateway = createNetGateway({ privateHosts: ["127.0.0.1"], ports: [port] });
  const url = `http://127.0.0.1:${port}/`;
  const carry = (of: string): JsonObject => ({ url, method: `\${${of} == null ? "HEAD" : "GET"}` });
  return { action: fetchTool({ name: "act", gateway }), input: { url }, carry, acted: () => acted, close };
}

/** The real sandbox, and a file that shows that it ran. */
function openShell(dir: string): OpenSink {
  const folder = join(dir, "shell");
  mkdirSync(folder);
  const carry = (of: string): JsonObject => ({ script: `\${${of} == null ? "true" : "touch acted"}` });
  const action = shellTool({ name: "act", dir: folder });
  const acted = (): number => (existsSync(join(folder, "acted")) ? 1 : 0);
  const input = { script: "touch acted" };
  return { action, input, order: { value: input }, carry, acted };
}

const hasSandbox =
  spawnSync("bwrap", ["--unshare-all", "--unshare-user", "--disable-userns", "--ro-bind", "/", "/", "true"]).status ===
  0;

export const SINKS: readonly Sink[] = [
  { name: "steered by nobody", refuses: ["untrusted"], open: () => effect(["untrusted"]) },
  { name: "leaks nothing", refuses: ["secret"], open: () => effect(["secret"]) },
  { name: "takes neither", refuses: ["secret", "untrusted"], open: () => effect(["secret", "untrusted"]) },
  { name: "takes all", refuses: [], open: () => effect([]) },
  { name: "always asks", refuses: [], isAsked: true, open: () => effect([], "always") },
  { name: "always asks, and may", refuses: [], isAllowed: true, open: () => effect([], "always") },
  { name: "fetches", refuses: ["secret"], open: openFetch },
  ...(hasSandbox ? [{ name: "runs commands", refuses: ["secret"], open: openShell } as const] : []),
];
