import type { NodeStatus, RunTag } from "../plan/index.ts";
import type { Output, Style } from "./terminal.ts";

interface Word {
  readonly icon: string;
  readonly style: Style;
}

const NODES: Readonly<Record<NodeStatus, Word>> = {
  pending: { icon: "·", style: "dim" },
  running: { icon: "▶", style: "cyan" },
  "retry-wait": { icon: "↻", style: "yellow" },
  waiting: { icon: "◷", style: "yellow" },
  unknown: { icon: "?", style: "yellow" },
  succeeded: { icon: "✓", style: "green" },
  failed: { icon: "✗", style: "red" },
  skipped: { icon: "-", style: "dim" },
  undoing: { icon: "↶", style: "yellow" },
  undone: { icon: "↩", style: "magenta" },
  "undo-stuck": { icon: "!", style: "red" },
};

const RUNS: Readonly<Record<RunTag, Word>> = {
  running: { icon: "▶", style: "cyan" },
  waiting: { icon: "◷", style: "yellow" },
  "rolling-back": { icon: "↶", style: "yellow" },
  cancelling: { icon: "↶", style: "yellow" },
  suspended: { icon: "‖", style: "red" },
  succeeded: { icon: "✓", style: "green" },
  failed: { icon: "✗", style: "red" },
  "rolled-back": { icon: "↩", style: "magenta" },
  "rollback-stuck": { icon: "!", style: "red" },
  cancelled: { icon: "↩", style: "magenta" },
};

type Paint = Output["paint"];

/** A node's state: icon and word, the colour only beside them. */
export function paintStatus(status: NodeStatus, paint: Paint): string {
  return paint(NODES[status].style, `${NODES[status].icon} ${status}`);
}

/** A run's state: icon and word. */
export function paintTag(tag: RunTag, paint: Paint): string {
  return paint(RUNS[tag].style, `${RUNS[tag].icon} ${tag}`);
}
