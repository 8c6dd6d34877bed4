/*
 * The worker that holds one QuickJS for one piece of code. It is killed when that has ended, or before.
 * It imports nothing of Pawl but this folder, and has neither environment nor input.
 */
import { parentPort, workerData } from "node:worker_threads";
import { openInterpreter } from "./interpret.ts";
import type { CodeRequest, WorkerReply } from "./reply.ts";

// The zone of the machine is no business of the code, and would make its results differ from place to place.
// eslint-disable-next-line no-extend-native -- nobody else lives in this worker
Object.defineProperty(Date.prototype, "getTimezoneOffset", { value: () => 0 });

const request: CodeRequest = workerData;
const say = (reply: WorkerReply): void => parentPort?.postMessage(reply);
const opened = await openInterpreter(request).catch((error: unknown) => {
  say({ tag: "missing", why: error instanceof Error ? error.message : String(error) });
});
if (opened !== undefined) say(opened(() => say({ tag: "started" })));
