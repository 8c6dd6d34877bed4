import type { Embedder, Model, ModelRequest } from "../port.ts";
import type { HttpFault } from "./http-fault.ts";

/** A call that the server took. */
export interface ServedCall {
  /** Counted from 1. */
  readonly number: number;
  /** The idempotency key that came with it. */
  readonly key: string | undefined;
  readonly request: ModelRequest;
  /** `answered`: the model gave a reply, which a provider would bill, whether or not the client still took it. */
  readonly end: "open" | "answered" | "failed" | "stopped" | "fault";
  readonly microUsd?: number;
}

/** What the test server is to do beside answering. */
export interface ServeOptions {
  /** Default: any that is free. */
  readonly port?: number;
  /** A file that each ended call is added to as a JSON line before the client is told. */
  readonly log?: string;
  /** What goes wrong at which call. */
  readonly fault?: (call: ServedCall) => HttpFault | undefined;
  readonly embedder?: Embedder;
}

/** A running test server. */
export interface ModelServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4711/v1`. */
  readonly url: string;
  /** The calls so far; `GET /calls` gives them to other processes. */
  readonly calls: () => readonly ServedCall[];
  readonly close: () => Promise<void>;
}

/**
 * Offers a model over real HTTP on loopback, as OpenAI's API does (`/chat/completions`, `/embeddings`, `/models`), with
 * faults where the test wants them. For tests only: it asks nobody for a key.
 */
export async function serveModel(model: Model, options: ServeOptions = {}): Promise<ModelServer> {
  // Only who serves pays for loading it.
  return (await import("./server.ts")).openServer(model, options);
}
