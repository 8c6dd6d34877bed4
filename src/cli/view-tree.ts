import type { RunReport } from "../plan/index.ts";
import type { PlanShape } from "./plan-shape.ts";
import type { Output } from "./terminal.ts";
import { drawTree } from "./tree.ts";
import type { View } from "./view.ts";

/*
 * A tree that is redrawn in place.
 *
 * 1. No line is longer than the terminal is wide, and there are fewer lines than it is high: only then does "up by n
 *    lines" lead back to the first.
 * 2. Everything that is drawn goes out in one write, so that nobody sees half a tree.
 */

const FRAME_MS = 100;

/** The live view of a terminal. */
export function createTree(output: Output): View {
  const runs = new Map<string, { readonly report: RunReport; readonly shape: PlanShape | undefined }>();
  let drawn = 0;
  let isEnded = false;
  let timer: NodeJS.Timeout | undefined;

  const draw = (before: readonly string[]): void => {
    const lines = drawTree([...runs.values()], { now: Date.now(), output });
    const up = drawn === 0 ? "" : `\r\u001B[${drawn}A`;
    // Each line is overwritten and its rest erased. Erasing all first would flicker, and some terminals keep what a
    // full erase removes in their history.
    const text = [...before, ...lines].map((line) => `${line}\u001B[K\n`).join("");
    output.write(`${up}${text}\u001B[J`);
    drawn = lines.length;
  };
  return {
    begin: (report, shape) => {
      runs.set(report.run, { report, shape });
      timer ??= setInterval(() => draw([]), FRAME_MS);
      timer.unref();
      draw([]);
    },
    event: () => {}, // the next frame shows it
    say: (line) => {
      if (isEnded || runs.size === 0) output.write(`${line}\n`);
      else draw([line]);
    },
    end: () => {
      if (isEnded) return;
      isEnded = true;
      clearInterval(timer);
      if (runs.size > 0) draw([]);
    },
  };
}
