import type { Json, RunEvent } from "../../index.ts";

/** How the demo writes: `write` gets whole lines, `paint` colours a word where colours are wanted. */
export interface Stage {
  readonly write: (line: string) => void;
  readonly paint: (style: Style, text: string) => string;
}

type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

/** Tells one event of a run in a line of plain words; undefined: not worth a line. */
export function tell(event: RunEvent, { paint }: Stage): string | undefined {
  const node = "node" in event ? event.node.padEnd(9) : "";
  switch (event.type) {
    case "node-succeeded":
      if (event.by === "check") return `${paint("green", "✓")} ${node} check: it had happened. Not charged again.`;
      return `${paint("green", "✓")} ${node} ${paint("dim", brief(event.output))}`;
    case "node-failed":
      if (event.retryAt !== undefined)
        return `${paint("yellow", "↻")} ${node} ${event.error.code === "HTTP_STATUS" ? "the carrier is busy (503)" : event.error.message.slice(0, 50)} ${paint("dim", `again in ${event.retryAt - event.at} ms`)}`;
      return `${paint("red", "✗")} ${node} ${event.error.message}`;
    case "node-started":
      return event.node === "charge" ? `${paint("dim", "…")} ${node} ${paint("dim", "the bank is asked")}` : undefined;
    case "node-unknown":
      return `${paint("yellow", "?")} ${node} its outcome is unknown: the worker died with it`;
    case "node-skipped":
      return `${paint("dim", "-")} ${node} ${paint("dim", "skipped: its condition is not met")}`;
    case "wait-opened":
      return `${paint("cyan", "?")} ${node} asks: ${brief(event.show)}`;
    case "wait-closed":
      return `${paint("green", "✓")} ${node} ${event.by ?? "the clock"} said ${JSON.stringify(event.value ?? null)}`;
    default:
      return tellRun(event, { node, paint });
  }
}

function tellRun(
  event: RunEvent,
  { node, paint }: { readonly node: string; readonly paint: Stage["paint"] },
): string | undefined {
  switch (event.type) {
    case "rollback-decided":
      return paint("red", "  rolling back, last first");
    case "undo-succeeded":
      return `${paint("yellow", "↶")} ${node} undone`;
    case "run-finished":
      return `  ${paint("bold", event.tag)}${event.why === undefined ? "" : ` (${event.why})`}`;
    default:
      return undefined;
  }
}

/** Tells one event of the clerk: what it thought, what it called, what came of it. */
export function tellThought(event: RunEvent, { paint }: Stage): string | undefined {
  switch (event.type) {
    case "node-succeeded": {
      if (!/^t\d+$/.test(event.node)) return `  ${paint("dim", `» ${brief(event.output)}`)}`;
      const { text, calls } = toThought(event.output);
      const asked = calls.map(({ tool, input }) => `\n  ${paint("dim", `  ${tool} ${brief(input)}`)}`).join("");
      return `${paint("cyan", event.node)} ${text}${asked}`;
    }
    case "node-unknown":
      return `${paint("yellow", "?")} ${event.node} its thought died with the worker: it is thought again`;
    case "run-finished":
      return paint("bold", event.tag);
    default:
      return undefined;
  }
}

function toThought(output: Json): {
  readonly text: string;
  readonly calls: readonly { tool: string; input: unknown }[];
} {
  const { text = "", calls = [] }: { text?: string; calls?: { tool: string; input: unknown }[] } = JSON.parse(
    JSON.stringify(output),
  );
  return { text: text === "" ? "(calls)" : text, calls };
}

function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Cents as money. */
export function money(cents: number): string {
  return `${(cents / 100).toFixed(2)} EUR`;
}
