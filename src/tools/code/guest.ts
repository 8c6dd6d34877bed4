import type { Written } from "./guest-writer.ts";

/** What runs inside. */
export interface GuestJob {
  readonly code: string;
  /** JSON. */
  readonly input: string;
  /** The constructor of async functions, taken before any code ran. */
  readonly compile: (parameter: "input", body: string) => (input: unknown) => Promise<unknown>;
  readonly ofValue: (value: unknown) => Written;
  /** Writes all lines of the log together. */
  readonly ofLog: (value: unknown) => Written;
}

/**
 * Runs the code inside the sandbox and gives its reply as one JSON text. It is sent there as source.
 *
 * 1. What it needs it takes before the code runs, since the code may change every built-in.
 * 2. Nothing outside relies on it: code that forges its reply gains nothing but another reply.
 * 3. The code is an expression or else the body of an async function; the first that compiles is taken.
 */
export async function guest({ code, input, compile, ofValue, ofLog }: GuestJob): Promise<string> {
  const { stringify, parse } = JSON;
  const { apply } = Reflect;
  const slice: (from: number, to: number) => string = Reflect.get(String.prototype, "slice");
  const toText = String;
  const AnyError = Error;
  let log = "";
  let isLogFull = false;

  const show = (value: unknown): string => {
    if (typeof value === "string") return value;
    try {
      const isPlain = typeof value === "object" && !(value instanceof AnyError);
      const written = isPlain ? ofLog(value) : undefined;
      return written?.tag === "written" ? written.text : toText(value);
    } catch {
      return `[a value of type ${typeof value} that cannot be shown]`;
    }
  };
  const note = (...values: readonly unknown[]): void => {
    let line = "";
    for (let at = 0; at < values.length; at += 1) line += `${at === 0 ? "" : " "}${show(values[at])}`;
    const written: Written = isLogFull ? { tag: "refused", why: "" } : ofLog(line);
    if (written.tag === "written") log += `${log === "" ? "" : ","}${written.text}`;
    else isLogFull = true;
  };
  const describe = (error: unknown): string => {
    let parts: readonly unknown[] = ["", "a thrown value that cannot be shown", ""];
    try {
      parts = error instanceof AnyError ? [error.name, error.message, error.stack] : ["", show(error), ""];
    } catch {
      // It is hostile: what is known must do.
    }
    const cut = (value: unknown): string => stringify(apply(slice, typeof value === "string" ? value : "", [0, 2_000]));
    return `"name":${cut(parts[0])},"message":${cut(parts[1])},"stack":${cut(parts[2])}`;
  };
  const build = (): ((value: unknown) => Promise<unknown>) => {
    try {
      return compile("input", `return (${code}\n)`);
    } catch {
      return compile("input", code);
    }
  };

  const console = { log: note, info: note, warn: note, error: note, debug: note };
  Object.defineProperty(globalThis, "console", { value: console, writable: true, configurable: true });
  let reply = "";
  try {
    const value: unknown = await build()(parse(input));
    const written: Written = value === undefined ? { tag: "written", text: "null" } : ofValue(value);
    reply =
      written.tag === "written"
        ? `"tag":"done","value":${written.text}`
        : `"tag":"refused","why":${stringify(written.why)}`;
  } catch (error) {
    reply = `"tag":"threw",${describe(error)}`;
  }
  return `{${reply},"isLogFull":${isLogFull},"log":[${log}]}`;
}
