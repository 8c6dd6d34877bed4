import type { Client, Progress } from "@modelcontextprotocol/client";
import type { JsonObject } from "../../base/index.ts";
import { createHttpTransport, STREAM_LOST, type HttpTransport } from "./http-transport.ts";
import { loadClient, type ClientPackage } from "./load.ts";
import type { McpTarget } from "./options.ts";
import { createStdioTransport, type StdioTransport } from "./stdio-transport.ts";
import { readListing, type McpListing } from "./tool.ts";

/** One call as it is sent. */
interface LinkCall {
  readonly tool: string;
  readonly input: JsonObject;
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** One session with a server, from the handshake to its end. It does not come back: a new one is opened. */
export interface Link {
  readonly list: () => Promise<McpListing>;
  readonly call: (call: LinkCall) => Promise<unknown>;
  readonly isOpen: () => boolean;
  /** The server is there and can tell what changes. */
  readonly isUsable: () => boolean;
  /** Tells whether the server still answers; asks it only where there is doubt. */
  readonly isAlive: () => Promise<boolean>;
  /** The server knows this session by an id, which it can forget. */
  readonly hasSession: () => boolean;
  /** The end of the server's standard error. */
  readonly lastWords: () => string;
  readonly pid: () => number | undefined;
  readonly close: () => Promise<void>;
}

/** How a link is opened. */
export interface LinkOptions {
  readonly connectMs: number;
  /** The server says that its tools have changed. */
  readonly onChanged: () => void;
  /** Makes what went wrong at the start into the error that is thrown. `lastWords`: the end of standard error. */
  readonly toFault: (error: unknown, lastWords: string) => Error;
}

/** The key of an attempt, for servers that act once for each. */
export const KEY_META = "pawl/key";
/** The longest that a timer can be set to: the limits of an attempt are kept by whoever made it. */
const NEVER_MS = 2_147_483_647;
const MOST_PAGES = 64;
const FAREWELL_MS = 1_000;
const PING_MS = 5_000;

/** Starts or reaches a server and shakes hands. */
export async function openLink(target: McpTarget, options: LinkOptions): Promise<Link> {
  const sdk = await loadClient();
  const way = openWay(target, sdk);
  const client = new sdk.Client({ name: "pawl", version: "1" }, { capabilities: {} });
  let isOpen = true;
  const onclose = (): void => {
    isOpen = false;
  };
  Object.assign(client, { onclose });
  client.setNotificationHandler("notifications/tools/list_changed", options.onChanged);
  try {
    await client.connect(way.transport, { timeout: options.connectMs });
  } catch (error) {
    await way.transport.close().catch(() => undefined);
    throw options.toFault(error, way.lastWords());
  }
  return {
    list: async () => await listTools(client, options.connectMs),
    call: async (call) => await callTool(client, call),
    isOpen: () => isOpen,
    isUsable: () => isOpen && !way.isDeaf(),
    isAlive: async () => !way.isDoubtful() || (await answersPing(client)),
    hasSession: way.hasSession,
    lastWords: way.lastWords,
    pid: way.pid,
    close: async () => {
      if (isOpen) await way.endSession();
      await way.transport.close();
    },
  };
}

type Way = HttpTransport & StdioTransport;

function openWay(target: McpTarget, sdk: ClientPackage): Way {
  if ("url" in target) {
    const way = createHttpTransport(target, sdk);
    return {
      ...way,
      endSession: async () => await endInTime(way.endSession),
      lastWords: () => "",
      pid: () => undefined,
    };
  }
  const nothing = async (): Promise<void> => await Promise.resolve();
  return {
    ...createStdioTransport(target, sdk),
    isDeaf: () => false,
    isDoubtful: () => false,
    hasSession: () => false,
    endSession: nothing,
  };
}

/** A server that is gone can't be told so; and nobody waits for long to say goodbye. */
async function endInTime(end: () => Promise<void>): Promise<void> {
  const pause = Promise.withResolvers<void>();
  const timer = setTimeout(pause.resolve, FAREWELL_MS);
  await Promise.race([end().catch(() => undefined), pause.promise]);
  clearTimeout(timer);
}

/** A question that does nothing. An answer of any kind will do, also "I don't know that". */
async function answersPing(client: Client): Promise<boolean> {
  try {
    await client.ping({ timeout: PING_MS });
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && typeof error.code === "number" && error.code !== STREAM_LOST;
  }
}

async function listTools(client: Client, timeout: number): Promise<McpListing> {
  const listed: unknown[] = [];
  if (client.getServerCapabilities()?.tools === undefined) return readListing(listed);
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const { tools, nextCursor } = await client.request({ method: "tools/list", params }, { timeout });
    listed.push(...tools);
    if (nextCursor === undefined) return readListing(listed);
    cursor = nextCursor;
  }
  throw new Error(`It lists more than ${MOST_PAGES} pages of tools.`);
}

async function callTool(client: Client, call: LinkCall): Promise<unknown> {
  const params = { name: call.tool, arguments: { ...call.input }, _meta: { [KEY_META]: call.key } };
  const { signal, onProgress: onprogress } = call;
  return await client.request({ method: "tools/call", params }, { signal, onprogress, timeout: NEVER_MS });
}
