import type { NodeReport, NodeStatus, RunReport } from "../plan/index.ts";
import { duration } from "./duration.ts";
import type { PlanShape } from "./plan-shape.ts";
import { fit, widthOf } from "./table.ts";
import type { Output } from "./terminal.ts";
import { oneLine } from "./text.ts";
import { paintStatus, paintTag } from "./words.ts";

/** A run as the tree shows it. */
export interface Shown {
  readonly report: RunReport;
  readonly shape: PlanShape | undefined;
}

/** Where and when it is drawn. */
export interface Canvas {
  readonly now: number;
  readonly output: Output;
}

const OPEN: ReadonlySet<NodeStatus> = new Set(["running", "retry-wait", "waiting", "unknown", "undoing", "undo-stuck"]);
const LEAST_LINES = 3;

/** The lines of all runs, never more or longer than the terminal takes. */
export function drawTree(runs: readonly Shown[], canvas: Canvas): readonly string[] {
  const columns = Math.max(20, canvas.output.columns() - 1);
  const height = Math.max(LEAST_LINES, canvas.output.rows() - 1);
  const each = Math.max(LEAST_LINES, Math.floor(height / Math.max(1, runs.length)));
  const lines = runs.flatMap((run) => drawRun(run, canvas, { columns, height: each }));
  const shown =
    lines.length > height ? [...lines.slice(0, height - 1), `… ${lines.length - height + 1} more lines`] : lines;
  return shown.map((line) => fit(line, columns));
}

interface Room {
  readonly columns: number;
  readonly height: number;
}

function drawRun({ report, shape }: Shown, canvas: Canvas, room: Room): readonly string[] {
  const { paint } = canvas.output;
  const nodes = [...report.nodes.values()];
  const ended = nodes.filter(({ endedAt }) => endedAt !== undefined).length;
  const took = duration((report.end?.at ?? canvas.now) - report.createdAt);
  const head = `${paintTag(report.tag, paint)}  ${paint("bold", oneLine(report.run))}  ${ended}/${nodes.length}  ${took}`;
  const { kept, hidden } = choose(nodes, room.height - 1);
  const rows = kept.map((node) => rowOf(node, shape, canvas));
  const widths = columnWidths(rows, room.columns);
  const lines = rows.map((row) => drawRow(row, widths, paint));
  const rest = hidden.length === 0 ? [] : [paint("dim", `  … ${countByStatus(hidden)}`)];
  return [head, ...lines, ...rest];
}

/** Keeps what moves, then what failed, then the latest ends and the next to come, in the order of the plan. */
function choose(
  nodes: readonly NodeReport[],
  most: number,
): { readonly kept: readonly NodeReport[]; readonly hidden: readonly NodeReport[] } {
  if (nodes.length <= most) return { kept: nodes, hidden: [] };
  const ranked = nodes.map((node, at) => ({ node, at })).sort((one, other) => weigh(one) - weigh(other));
  const kept = new Set(ranked.slice(0, Math.max(0, most - 1)).map(({ node }) => node));
  return { kept: nodes.filter((node) => kept.has(node)), hidden: nodes.filter((node) => !kept.has(node)) };
}

function weigh({ node, at }: { readonly node: NodeReport; readonly at: number }): number {
  if (OPEN.has(node.status)) return at * 1e-6;
  if (node.status === "failed") return 1 + at * 1e-6;
  if (node.status === "pending") return 2 + at * 1e-6;
  return 3 - (node.endedAt ?? 0) * 1e-14; // the latest first
}

function countByStatus(nodes: readonly NodeReport[]): string {
  const counts = new Map<NodeStatus, number>();
  for (const { status } of nodes) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}

/** What one line says, from the left; `*` marks the critical path. */
interface Row {
  readonly node: NodeReport;
  readonly name: string;
  readonly uses: string;
  readonly attempt: string;
  readonly elapsed: string;
  readonly mark: string;
}

function rowOf(node: NodeReport, shape: PlanShape | undefined, { now }: Canvas): Row {
  const attempts = node.status === "undoing" || node.status === "undo-stuck" ? node.undoAttempts : node.attempts;
  const end = node.endedAt ?? (node.startedAt === undefined ? undefined : now);
  const due = node.retryAt === undefined ? "" : ` next in ${duration(Math.max(0, node.retryAt - now))}`;
  return {
    node,
    name: oneLine(node.id),
    uses: oneLine(node.uses),
    attempt: attempts > 1 ? `attempt ${attempts}` : "",
    elapsed: node.startedAt === undefined || end === undefined ? "" : `${duration(end - node.startedAt)}${due}`,
    mark: shape?.critical.has(node.id) === true ? "*" : " ",
  };
}

/** 0: the column is left out. */
interface Widths {
  readonly name: number;
  readonly uses: number;
  readonly attempt: number;
  readonly elapsed: number;
}

const STATUS_WIDTH = 12;
const NARROWEST_NAME = 8;

/** First the names are cut, down to what can be told apart; then what is used, then the attempts are left out. */
function columnWidths(rows: readonly Row[], columns: number): Widths {
  const most = (key: "name" | "uses" | "attempt" | "elapsed"): number =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[key])), 0);
  const [name, uses, attempt, elapsed] = [most("name"), most("uses"), most("attempt"), most("elapsed")];
  const fixed = 2 + STATUS_WIDTH + gap(elapsed);
  const choices: readonly Widths[] = [
    { name, uses, attempt, elapsed },
    { name, uses: 0, attempt, elapsed },
    { name, uses: 0, attempt: 0, elapsed },
  ];
  const fits = choices.find((widths) => fixed + gap(widths.attempt) + gap(widths.uses) + gap(name) <= columns);
  if (fits !== undefined) return fits;
  return { name: Math.max(NARROWEST_NAME, columns - fixed - 2), uses: 0, attempt: 0, elapsed };
}

function gap(width: number): number {
  return width === 0 ? 0 : width + 2;
}

function drawRow(row: Row, widths: Widths, paint: Output["paint"]): string {
  const status = paintStatus(row.node.status, paint);
  const cells = [
    `${paint("bold", row.mark)} ${status}${" ".repeat(Math.max(0, STATUS_WIDTH - widthOf(status)))}`,
    cell(row.name, widths.name),
    widths.uses === 0 ? "" : paint("dim", cell(row.uses, widths.uses)),
    cell(row.attempt, widths.attempt),
    cell(row.elapsed, widths.elapsed),
  ];
  return cells
    .filter((text) => text !== "")
    .join("  ")
    .trimEnd();
}

function cell(text: string, width: number): string {
  const cutText = fit(text, width);
  return cutText + " ".repeat(Math.max(0, width - widthOf(cutText)));
}
