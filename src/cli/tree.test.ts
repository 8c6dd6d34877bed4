import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toInstant, toNodeId, toRunId, toHash } from "../base/index.ts";
import type { NodeReport, NodeStatus, RunReport } from "../plan/index.ts";
import { widthOf } from "./table.ts";
import type { Output } from "./terminal.ts";
import { drawTree, type Shown } from "./tree.ts";

const STATUSES: readonly NodeStatus[] = [
  "pending",
  "running",
  "retry-wait",
  "waiting",
  "unknown",
  "succeeded",
  "failed",
  "skipped",
  "undoing",
  "undone",
  "undo-stuck",
];

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60, unit: "binary" }),
  fc.constantFrom("pay", "寄送订单给客户寄送订单给客户", "\u001B[2J\u202Eevil", "a\nb\tc", "👩‍🚀 start"),
);
const instant = fc.option(fc.nat(10_000_000), { nil: undefined });
const someNode = fc.record({
  id: name,
  uses: name,
  status: fc.constantFrom(...STATUSES),
  attempts: fc.nat(20),
  startedAt: instant,
  endedAt: instant,
  retryAt: instant,
});
const someNodes = fc.uniqueArray(someNode, { maxLength: 60, selector: ({ id }) => id });

type SomeNode = typeof someNode extends fc.Arbitrary<infer Value> ? Value : never;

function toNode({ id, uses, status, attempts, ...times }: SomeNode): NodeReport {
  const at = (ms: number | undefined): NodeReport["startedAt"] => (ms === undefined ? undefined : toInstant(ms));
  return {
    id: toNodeId(id),
    uses,
    status,
    attempts,
    undoAttempts: attempts,
    startedAt: at(times.startedAt),
    endedAt: at(times.endedAt),
    retryAt: at(times.retryAt),
    output: null,
    error: undefined,
    key: undefined,
    path: undefined,
    decisions: undefined,
    by: undefined,
  };
}

function toShown(nodes: readonly SomeNode[]): Shown {
  const report: RunReport = {
    run: toRunId("run"),
    planName: "plan",
    plan: toHash("0"),
    revision: toHash("0"),
    input: null,
    tags: [],
    createdAt: toInstant(0),
    parent: undefined,
    fork: undefined,
    updatedAt: toInstant(0),
    seq: 1,
    tag: "running",
    why: undefined,
    suspended: undefined,
    nodes: new Map(nodes.map((node) => [node.id, toNode(node)])),
    waits: new Map(),
    end: undefined,
  };
  return { report, shape: { critical: new Set(nodes.slice(0, 1).map(({ id }) => toNodeId(id))), order: [] } };
}

function outputOf(columns: number, rows: number): Output {
  return {
    write: () => {},
    paint: (_, text) => text,
    isTerminal: true,
    columns: () => columns,
    rows: () => rows,
  };
}

describe("the tree", () => {
  it("is never wider or higher than the terminal, and never shows raw control characters", () => {
    const check = fc.property(
      fc.array(someNodes, { maxLength: 4 }),
      fc.integer({ min: 21, max: 140 }),
      fc.integer({ min: 4, max: 60 }),
      (runs, columns, rows) => {
        const lines = drawTree(runs.map(toShown), { now: 10_000_000, output: outputOf(columns, rows) });
        expect(lines.length).toBeLessThan(rows);
        for (const line of lines) {
          expect(widthOf(line)).toBeLessThan(columns);
          expect(line).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
        }
      },
    );
    fc.assert(check);
  });

  it("keeps what moves and what failed when there is no room for all, and counts the rest", () => {
    const quiet: SomeNode[] = Array.from({ length: 40 }, (_, at) => ({
      id: `done-${at}`,
      uses: "process",
      status: "succeeded" as const,
      attempts: 1,
      startedAt: at,
      endedAt: at + 1,
      retryAt: undefined,
    }));
    const [first] = quiet;
    const loud = (["running", "failed", "waiting"] as const).flatMap((status) =>
      first === undefined ? [] : [{ ...first, id: `now-${status}`, status, endedAt: undefined }],
    );
    const text = drawTree([toShown([...quiet, ...loud])], { now: 100, output: outputOf(80, 10) }).join("\n");
    for (const { id } of loud) expect(text).toContain(id);
    expect(text).toContain("done-39");
    expect(text).not.toContain("done-0 ");
    expect(text).toContain("… 36 succeeded");
  });

  it("leaves out what is used before it cuts a name, in a narrow terminal", () => {
    const node: SomeNode = {
      id: "send-the-invoice",
      uses: "mail.invoice.with-a-long-name",
      status: "retry-wait",
      attempts: 3,
      startedAt: 0,
      endedAt: undefined,
      retryAt: 5_000,
    };
    const lineIn = (columns: number): string =>
      drawTree([toShown([node])], { now: 1_000, output: outputOf(columns, 24) })[1] ?? "";
    expect(lineIn(120)).toContain("mail.invoice");
    expect(lineIn(70)).toBe("* ↻ retry-wait  send-the-invoice  attempt 3  1.0 s next in 4.0 s");
    expect(lineIn(60)).toBe("* ↻ retry-wait  send-the-invoice  1.0 s next in 4.0 s");
    expect(lineIn(50)).toBe("* ↻ retry-wait  send-the-in…  1.0 s next in 4.0 s");
  });
});
