/** What the worker is told: the code and its limits. */
export interface CodeRequest {
  readonly code: string;
  /** JSON. */
  readonly input: string;
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly maxOutputBytes: number;
  readonly maxLogBytes: number;
}

/**
 * What the worker says. `started`: the code begins to run now. `reply`: what the guest wrote. `late`: its time was over.
 * `idle`: it waits for what can never come. `failed`: the interpreter gave up in the midst.
 * `missing`: the interpreter could not be loaded.
 */
export type WorkerReply =
  | { readonly tag: "started" }
  | { readonly tag: "late" | "idle" | "failed" | "out-of-memory" }
  | { readonly tag: "reply"; readonly text: string }
  | { readonly tag: "missing"; readonly why: string };
