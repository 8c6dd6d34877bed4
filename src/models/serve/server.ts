import { appendFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isJsonObject, parseStrictJson, TransientError, type Json } from "../../base/index.ts";
import type { Embedder, Model, ModelReply } from "../port.ts";
import { fromBody, type AskedOverWire } from "./from-body.ts";
import { sendFault } from "./http-fault.ts";
import type { ModelServer, ServedCall, ServeOptions } from "./serve-model.ts";
import { toEvent, toLastEvents, toWhole, toWireError } from "./to-wire.ts";

/** Opens the server of `serveModel`. */
export async function openServer(model: Model, options: ServeOptions): Promise<ModelServer> {
  const calls: ServedCall[] = [];
  const desk: Desk = { model, options, calls };
  const server = createServer((request, response) => {
    answer(desk, request, response).catch((error: unknown) => refuse(response, error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const close = (): Promise<void> => closeServer(server);
  return { url: `http://127.0.0.1:${portOf(server)}/v1`, calls: () => calls, close, [Symbol.asyncDispose]: close };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

interface Desk {
  readonly model: Model;
  readonly options: ServeOptions;
  readonly calls: ServedCall[];
}

async function answer(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? "";
  if (path === "/calls") return sendJson(response, 200, JSON.stringify(desk.calls));
  if (path === "/v1/models") {
    const data = [{ id: desk.model.name, object: "model" }];
    return sendJson(response, 200, JSON.stringify({ object: "list", data }));
  }
  if (path === "/v1/embeddings" && desk.options.embedder !== undefined) {
    return await embed(desk.options.embedder, await readBody(request), response);
  }
  if (path !== "/v1/chat/completions")
    return sendJson(response, 404, JSON.stringify({ error: { message: "not found" } }));
  await complete(desk, request, response);
}

async function complete(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = fromBody(await readBody(request));
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const key = request.headers["idempotency-key"];
  const number = desk.calls.length + 1;
  let call: ServedCall = {
    number,
    key: typeof key === "string" ? key : undefined,
    request: asked.request,
    end: "open",
  };
  desk.calls.push(call);
  const settle = (end: ServedCall["end"], reply?: ModelReply): void => {
    call = { ...call, end, ...(reply?.microUsd !== undefined && { microUsd: reply.microUsd }) };
    desk.calls[number - 1] = call;
    if (desk.options.log !== undefined) appendFileSync(desk.options.log, `${JSON.stringify(call)}\n`);
  };
  const fault = desk.options.fault?.(call);
  if (fault !== undefined) {
    settle("fault");
    return await sendFault(fault, response, gone.signal);
  }
  try {
    await generate(desk.model, asked, { response, gone: gone.signal, settle, key: call.key });
  } catch (error) {
    settle(gone.signal.aborted ? "stopped" : "failed");
    refuse(response, error);
  }
}

interface Sending {
  readonly response: ServerResponse;
  readonly gone: AbortSignal;
  readonly key: string | undefined;
  readonly settle: (end: "answered", reply: ModelReply) => void;
}

async function generate(model: Model, asked: AskedOverWire, sending: Sending): Promise<void> {
  const { response, gone, settle, key } = sending;
  let hasText = false;
  const begin = (): void => {
    if (response.headersSent) return;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(toEvent(asked.model, { role: "assistant", content: null }));
  };
  const reply = await model.generate(asked.request, {
    signal: gone,
    ...(key !== undefined && { key }),
    onDelta: (delta) => {
      if (!asked.isStream || delta.type === "call") return;
      begin();
      hasText ||= delta.type === "text";
      const name = delta.type === "text" ? "content" : "reasoning_content";
      response.write(toEvent(asked.model, { [name]: delta.text }));
    },
  });
  settle("answered", reply);
  if (!asked.isStream) return sendJson(response, 200, JSON.stringify(toWhole(asked.model, reply)));
  begin();
  if (!hasText && reply.text !== "") response.write(toEvent(asked.model, { content: reply.text }));
  for (const event of toLastEvents(asked.model, reply, asked.wantsUsage)) response.write(event);
  response.end();
}

async function embed(embedder: Embedder, body: Json, response: ServerResponse): Promise<void> {
  const input = isJsonObject(body) ? body["input"] : undefined;
  const texts = (Array.isArray(input) ? input : [input]).map((text) => (typeof text === "string" ? text : ""));
  const vectors = await embedder.embed(texts, { signal: new AbortController().signal });
  const data = vectors.map((vector, index) => ({ object: "embedding", index, embedding: [...vector] }));
  sendJson(response, 200, JSON.stringify({ object: "list", data }));
}

async function readBody(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return parseStrictJson(Buffer.concat(chunks).toString("utf8"));
}

function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}

/** After the first piece only the end of the connection can say that something is wrong. */
function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    // What was said before has to leave first.
    response.write(": cut\n\n", () => response.destroy());
    return;
  }
  const { status, body } = toWireError(error);
  const wait = error instanceof TransientError ? error.retryAfterMs : undefined;
  if (wait !== undefined) response.setHeader("retry-after-ms", String(wait));
  sendJson(response, status, body);
}
