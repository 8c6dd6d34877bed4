/** A small internet on the loopback interface of a private network namespace: name server, web servers, canaries. */
import { createSocket } from "node:dgram";
import { createServer as createPlain, type RequestListener } from "node:http";
import { createServer as createSecure } from "node:https";
import { createServer as createTcp, isIPv4, type Server, type Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import ipaddr from "ipaddr.js";
import { NAMES } from "./net-cases.ts";

const PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "1.1.1.1", "8.8.8.8"];
/** Ports on which nobody may be asked but where a policy allows it; 3128 is the proxy of the environment. */
const CANARY_PORTS = [22, 3128, 6379];

export interface World {
  /** Connections to what is not public, as `address:port`. */
  readonly hits: string[];
  /** Names that were asked, with how often; it decides which answer comes next. */
  readonly asked: Map<string, number>;
  readonly close: () => void;
}

/** Opens the servers; every address of the namespace leads to them. */
export async function openWorld(certificate: { readonly key: string; readonly cert: string }): Promise<World> {
  const hits: string[] = [];
  const asked = new Map<string, number>();
  const sockets = new Set<Socket>();
  const watch = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    const at = plainAddress(socket);
    if (!PUBLIC.includes(at) || CANARY_PORTS.includes(socket.localPort ?? 0)) hits.push(`${at}:${socket.localPort}`);
  };
  const canaries = CANARY_PORTS.map((port) => [createTcp((socket) => socket.end()), port] as const);
  const servers: (readonly [Server, number])[] = [
    [createPlain(listener), 80],
    [createSecure(certificate, listener), 443],
    [createPlain(listener), 8080],
    ...canaries,
  ];
  for (const [server] of servers) server.on("connection", watch);
  await Promise.all(
    servers.map(
      async ([server, port]) => await new Promise<void>((resolve) => void server.listen({ port, host: "::" }, resolve)),
    ),
  );
  const names = await openNameServer(asked);
  const close = (): void => {
    names.close();
    for (const socket of sockets) socket.destroy();
    for (const [server] of servers) server.close();
  };
  return { hits, asked, close };
}

const plainAddress = (socket: Socket): string => (socket.localAddress ?? "").replace(/^::ffff:/u, "");

/** Says where the request came in and what it brought, or redirects as its path says. */
const listener: RequestListener = (request, response) => {
  const url = new URL(request.url ?? "/", "http://here/");
  const count = Number(url.searchParams.get("count"));
  const to = count > 0 ? `/?count=${count - 1}` : url.searchParams.get("to");
  if (to !== null) {
    response.writeHead(Number(url.searchParams.get("status") ?? 302), { location: to }).end();
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { headers, method, socket } = request;
    const body = Buffer.concat(chunks).toString("utf8");
    const text = JSON.stringify({ at: plainAddress(socket), host: headers.host, headers, method, body });
    const coding = url.searchParams.get("coding") ?? "identity";
    response.setHeader("content-type", "application/json").setHeader("content-encoding", coding);
    response.end(coding === "gzip" ? gzipSync(text) : coding === "br" ? brotliCompressSync(text) : text);
  });
};

async function openNameServer(asked: Map<string, number>): Promise<{ close: () => void }> {
  const server = createSocket("udp4");
  server.on("message", (question, from) => server.send(toAnswer(question, asked), from.port, from.address));
  await new Promise<void>((resolve) => void server.bind(53, "127.0.0.1", resolve));
  return server;
}

const TYPE_A = 1;
const TYPE_AAAA = 28;

/** RFC 1035 section 4: the question again, and an A or AAAA record per address, to be kept for no time at all. */
function toAnswer(question: Buffer, asked: Map<string, number>): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let size = question[at] ?? 0; size > 0; size = question[at] ?? 0) {
    labels.push(question.toString("latin1", at + 1, at + 1 + size));
    at += size + 1;
  }
  const type = question.readUInt16BE(at + 1);
  const end = at + 5;
  const name = labels.join(".").toLowerCase();
  const turns = Object.hasOwn(NAMES, name) ? (NAMES[name] ?? []) : [];
  const count = asked.get(`${name} ${type}`) ?? 0;
  asked.set(`${name} ${type}`, count + 1);
  const addresses = turns[Math.min(count, turns.length - 1)] ?? [];
  const fitting = addresses.filter((address) => type === (isIPv4(address) ? TYPE_A : TYPE_AAAA));
  const head = Buffer.alloc(12);
  question.copy(head, 0, 0, 2);
  head.writeUInt16BE(turns.length === 0 ? 0x81_83 : 0x81_80, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(fitting.length, 6);
  return Buffer.concat([head, question.subarray(12, end), ...fitting.map((address) => toRecord(address, type))]);
}

function toRecord(address: string, type: number): Buffer {
  const data = Buffer.from(ipaddr.parse(address).toByteArray());
  const head = Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 0, 0, data.length]);
  return Buffer.concat([head, data]);
}
