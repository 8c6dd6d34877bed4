import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten-core";
import { guest } from "./guest.ts";
import { createWriter } from "./guest-writer.ts";
import type { CodeRequest, WorkerReply } from "./reply.ts";

const MEBIBYTE = 1_048_576;
const PAGE_BYTES = 65_536;
/** What the interpreter itself takes; its module asks for no less. */
const OWN_BYTES = 16 * MEBIBYTE;
/** More lets deep recursion run over the host's stack before the interpreter notices. */
const STACK_BYTES = 262_144;
const JOBS_A_ROUND = 500;
/** Memory grows in steps: from here on, a failure without a word of its own is for want of it. */
const FULL_SHARE = 0.75;

const SOURCE = `((createWriter, guest, compile) => (code, input, maxOutput, maxLog) =>
  guest({ code, input, compile, ofValue: createWriter(maxOutput), ofLog: createWriter(maxLog) })
)(${createWriter.toString()}, ${guest.toString()}, (async () => {}).constructor)`;

/**
 * Opens a QuickJS of its own. The wall around its memory is the end of the WebAssembly memory: the limit that QuickJS
 * offers itself counts nothing in this build, since nobody tells it how large a block is.
 */
export async function openInterpreter(request: CodeRequest): Promise<(onStart: () => void) => WorkerReply> {
  const { newQuickJSWASMModuleFromVariant, newVariant } = await import("quickjs-emscripten-core");
  const { default: loaded } = await import("@jitl/quickjs-wasmfile-release-sync");
  const variant = "default" in loaded ? loaded.default : loaded; // its types say the one, Node gives the other
  const maximum = Math.ceil((OWN_BYTES + request.memoryBytes) / PAGE_BYTES);
  const wasmMemory = createMemory({ initial: OWN_BYTES / PAGE_BYTES, maximum });
  const quickjs = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmMemory }));
  return (onStart) => {
    const context = quickjs.newRuntime({ maxStackSizeBytes: STACK_BYTES }).newContext();
    onStart();
    const reply = interpret(context, request);
    const isFull = wasmMemory.buffer.byteLength > FULL_SHARE * maximum * PAGE_BYTES;
    return isFull && hasFailed(reply) ? { tag: "out-of-memory" } : reply;
  };
}

interface Memory {
  readonly buffer: ArrayBufferLike;
}

interface MemoryMaker {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => Memory;
}

/** Node has it, its types don't. */
function isMemoryMaker(value: unknown): value is MemoryMaker {
  return typeof value === "object" && value !== null && "Memory" in value;
}

function createMemory(pages: { readonly initial: number; readonly maximum: number }): Memory {
  const maker: unknown = Reflect.get(globalThis, "WebAssembly");
  if (!isMemoryMaker(maker)) throw new Error("this Node was started without WebAssembly");
  return new maker.Memory(pages);
}

/** Runs the code to its end. Nothing is disposed of: the whole worker goes. */
function interpret(context: QuickJSContext, request: CodeRequest): WorkerReply {
  const deadline = Date.now() + request.timeoutMs;
  let isLate = false;
  const checkTime = (): boolean => (isLate ||= Date.now() >= deadline);
  context.runtime.setInterruptHandler(checkTime);
  const give = (tag: "failed" | "idle"): WorkerReply => (isLate ? { tag: "late" } : { tag });

  const launcher = context.evalCode(SOURCE, "guest.js");
  if (launcher.error !== undefined) return give("failed");
  const called = context.callFunction(launcher.value, context.undefined, [
    context.newString(request.code),
    context.newString(request.input),
    context.newNumber(request.maxOutputBytes),
    context.newNumber(request.maxLogBytes),
  ]);
  if (called.error !== undefined) return give("failed");
  for (;;) {
    const reply = readReply(context, called.value);
    if (reply !== undefined) return isLate ? { tag: "late" } : reply;
    const ran = context.runtime.executePendingJobs(JOBS_A_ROUND);
    if (checkTime()) return { tag: "late" };
    if (ran.error !== undefined) return give("failed");
    if (ran.value === 0) return give("idle");
  }
}

function readReply(context: QuickJSContext, promise: QuickJSHandle): WorkerReply | undefined {
  const state = context.getPromiseState(promise);
  if (state.type === "pending") return undefined;
  return state.type === "fulfilled" ? { tag: "reply", text: context.getString(state.value) } : { tag: "failed" };
}

/** Without memory QuickJS can't make the error that says so, and throws null. */
function hasFailed(reply: WorkerReply): boolean {
  return (
    reply.tag === "failed" ||
    (reply.tag === "reply" && reply.text.startsWith('{"tag":"threw","name":"","message":"null"'))
  );
}
