import { isJsonObject, type Json } from "../../base/index.ts";
import { fail, type Frame } from "./frame.ts";

const MAX_DEPTH = 64;

/** Charges for a result as it would be written: shared parts count as often as they occur. False when it is too much. */
export function measure(frame: Frame, value: Json, depth: number): boolean {
  if (typeof value === "string") return (frame.outputLeft -= value.length + 8) >= 0;
  if (typeof value !== "object" || value === null) return (frame.outputLeft -= 8) >= 0;
  frame.outputLeft -= 8;
  if (depth >= MAX_DEPTH) {
    const got = "a deeper value";
    fail(frame, () => ({
      where: "the result",
      expected: `at most ${MAX_DEPTH} lists and maps inside each other`,
      got,
    }));
    return false;
  }
  if (!isJsonObject(value)) return measureList(frame, value, depth + 1);
  for (const key of Object.keys(value)) {
    frame.outputLeft -= key.length + 8;
    if (!measure(frame, value[key] ?? null, depth + 1)) return false;
  }
  return frame.outputLeft >= 0;
}

function measureList(frame: Frame, list: readonly Json[], depth: number): boolean {
  for (const item of list) if (!measure(frame, item, depth)) return false;
  return frame.outputLeft >= 0;
}
