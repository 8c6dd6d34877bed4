import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fromJsonSchema, type AnyAction, type Label } from "../../../src/action/index.ts";
import { askPerson } from "../../../src/agents/index.ts";
import type { Json, JsonObject, StandardSchema } from "../../../src/base/index.ts";
import { defineAction, defineQuery, PermanentError } from "../../../src/index.ts";
import { createNetGateway, fetchTool, fileTools } from "../../../src/tools/index.ts";

export const anything: StandardSchema<Json> = fromJsonSchema<Json>(true);
export const fields: StandardSchema<JsonObject> = fromJsonSchema<JsonObject>({ type: "object" });

/** Where words come from, opened with the words. */
export interface OpenSource {
  readonly tools: readonly AnyAction[];
  /** What a model calls to look at it. */
  readonly tool: string;
  readonly input: JsonObject;
  /** What a plan uses to look at it, where that is another. */
  readonly node?: JsonObject;
  readonly close?: () => void;
}

/** Where words come from, and which labels they have. */
export interface Source {
  readonly name: string;
  readonly labels: readonly Label[];
  readonly open: (text: string, dir: string) => OpenSource | Promise<OpenSource>;
}

function only(tool: AnyAction, input: JsonObject = {}): OpenSource {
  return { tools: [tool], tool: tool.name, input };
}

function told(text: string, gives: readonly Label[]): AnyAction {
  const what = { description: "A source.", input: fields, output: anything, labels: { gives } };
  return defineQuery("source", { ...what, run: () => text });
}

function refused(text: string, gives: readonly Label[]): AnyAction {
  const what = { description: "A source.", input: fields, output: anything, labels: { gives } };
  return defineQuery("source", { ...what, run: () => Promise.reject(new PermanentError("SAID", text)) });
}

/** A page of a real server, fetched by the real tool. */
async function openPage(text: string): Promise<OpenSource> {
  const server = createServer((_, response) => response.setHeader("content-type", "text/plain").end(text));
  const { port, close } = await listen(server);
  const gateway = createNetGateway({ privateHosts: ["127.0.0.1"], ports: [port] });
  return { ...only(fetchTool({ name: "source", gateway }), { url: `http://127.0.0.1:${port}/` }), close };
}

/** Starts a server on loopback. */
export async function listen(
  server: ReturnType<typeof createServer>,
): Promise<{ readonly port: number; readonly close: () => void }> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { port: address.port, close };
}

/** A file that others wrote. */
function openFile(text: string, dir: string): OpenSource {
  const root = join(dir, "others");
  mkdirSync(root);
  writeFileSync(join(root, "x"), text);
  return { tools: fileTools(root, { name: "source" }), tool: "source.read", input: { path: "x" } };
}

/** An attempt whose outcome is unknown, and a look at what it did, which brings words from outside. */
function lookedInto(text: string): AnyAction {
  return defineAction("source", {
    description: "A source.",
    input: fields,
    output: anything,
    repeat: "keyed",
    undo: () => {},
    timeoutMs: 20,
    check: ({ label }) => {
      label("untrusted");
      return { tag: "done", output: text };
    },
    run: () => new Promise<string>(() => {}),
  });
}

function named(text: string): AnyAction {
  return defineQuery("source", {
    description: "A source.",
    input: fields,
    output: anything,
    run: ({ label }) => {
      label("untrusted");
      return text;
    },
  });
}

const QUESTION: JsonObject = { uses: "ask", with: { show: "What now?", answer: { type: "string" } } };

export const SOURCES: readonly Source[] = [
  { name: "untrusted words", labels: ["untrusted"], open: (text) => only(told(text, ["untrusted"])) },
  { name: "a secret", labels: ["secret"], open: (text) => only(told(text, ["secret"])) },
  { name: "both", labels: ["secret", "untrusted"], open: (text) => only(told(text, ["secret", "untrusted"])) },
  { name: "a page", labels: ["untrusted"], open: openPage },
  { name: "a file of others", labels: ["untrusted"], open: openFile },
  { name: "named by the attempt", labels: ["untrusted"], open: (text) => only(named(text)) },
  { name: "a failure's message", labels: ["untrusted"], open: (text) => only(refused(text, ["untrusted"])) },
  { name: "a secret failure", labels: ["secret"], open: (text) => only(refused(text, ["secret"])) },
  { name: "what a check found", labels: ["untrusted"], open: (text) => only(lookedInto(text)) },
  { name: "plain words", labels: [], open: (text) => only(told(text, [])) },
  {
    name: "a person's answer",
    labels: [],
    open: () => ({ ...only(askPerson, { question: "What now?" }), tools: [askPerson], node: QUESTION }),
  },
];
