import { isJsonObject, toPrintable, type Json } from "../../base/index.ts";
import type { RunEvent, RunReport } from "../../plan/index.ts";
import type { Piece } from "../../run/index.ts";
import type { CliContext } from "../context.ts";
import { tellEvent } from "../event-line.ts";
import { fit } from "../table.ts";
import type { Output } from "../terminal.ts";
import { brief, oneLine } from "../text.ts";
import type { View } from "../view.ts";
import { isCall } from "./usage.ts";

/*
 * What an agent says and does, as it comes.
 *
 * 1. Pieces of a model come by another way than the journal, and may be faster: those of a step are held back until the
 *    step's start has been shown.
 * 2. Nothing that a model or a tool wrote reaches the terminal but as printable text.
 */

/** Shows the runs of agents, one at a time. */
export interface Screen extends View {
  readonly piece: (piece: Piece) => void;
  /** Whether this text was shown as the last words, on the stream that answers go to. */
  readonly hasShown: (text: string) => boolean;
}

/** Longest value that is shown; the width of the terminal cuts it further. */
const LONGEST = 400;

/** The screen that fits: none with --json; words go to the terminal's stdout, elsewhere to stderr. */
export function createScreen(context: CliContext): Screen {
  const { stdout, stderr } = context;
  const isTerminal = stdout.isTerminal && stderr.isTerminal;
  const paper = createPaper(isTerminal ? stdout : stderr, context.isJson);
  const story = createStory(paper);
  return {
    begin: story.begin,
    piece: story.piece,
    event: (report, { event }) => story.event(report, event),
    say: paper.line,
    end: paper.clear,
    hasShown: (text) => isTerminal && !context.isJson && story.lastWords() === toPrintable(text).trim(),
  };
}

/** Where words and lines go: words flow, a line begins at the left. */
interface Paper {
  readonly words: (text: string) => void;
  readonly line: (line: string) => void;
  readonly dim: (line: string) => void;
  /** A line that is gone with the next word; only on terminals. */
  readonly status: (text: string) => void;
  readonly clear: () => void;
}

function createPaper(output: Output, isSilent: boolean): Paper {
  let isAtStart = true;
  let hasStatus = false;
  const put = (text: string): void => {
    if (isSilent || text === "") return;
    output.write(hasStatus ? `\r\u001B[K${text}` : text);
    hasStatus = false;
    isAtStart = text.endsWith("\n");
  };
  const endLine = (): void => {
    if (hasStatus) output.write("\r\u001B[K");
    hasStatus = false;
    if (!isAtStart) put("\n");
  };
  const line = (text: string): void => {
    endLine();
    put(`${text}\n`);
  };
  return {
    words: put,
    line,
    dim: (text) => {
      const columns = output.isTerminal ? Math.max(20, output.columns() - 1) : Number.POSITIVE_INFINITY;
      line(output.paint("dim", fit(text, columns)));
    },
    status: (text) => {
      if (isSilent || !output.isTerminal) return;
      endLine();
      output.write(output.paint("dim", text));
      hasStatus = true;
    },
    clear: endLine,
  };
}

interface Story {
  readonly begin: (report: RunReport) => void;
  readonly piece: (piece: Piece) => void;
  readonly event: (report: RunReport, event: RunEvent) => void;
  readonly lastWords: () => string;
}

/** Tells a run by its events and pieces. */
function createStory(paper: Paper): Story {
  const held = new Map<string, string[]>();
  const open = new Set<string>();
  const calls = new Map<string, Call>();
  let run = "";
  let words = "";

  const show = (text: string): void => {
    words += text;
    paper.words(text);
  };
  const start = (report: RunReport, node: string): void => {
    const uses = usesOf(report, node);
    if (isThought(uses)) {
      words = "";
      open.add(node);
      paper.status("thinking …");
      for (const text of held.get(node) ?? []) show(text);
      held.delete(node);
      return;
    }
    if (isPlanning(uses)) return paper.status("planning …");
    const { tool, input } = calls.get(node) ?? { tool: uses, input: undefined };
    const shown = input === undefined ? "" : ` ${brief(input, LONGEST)}`;
    if (uses === "ask") return;
    paper.dim(`» ${oneLine(tool)}${shown}`);
    paper.status(`${oneLine(tool)} …`);
  };
  const succeed = (report: RunReport, node: string, output: Json): void => {
    const uses = usesOf(report, node);
    held.delete(node);
    if (isThought(uses)) {
      open.delete(node);
      const thought = readThought(output);
      if (words.trim() === "") show(toPrintable(thought.text));
      paper.clear();
      for (const [index, call] of thought.calls.entries()) {
        calls.set(`${node}c${index}`, call);
        if (call.problem !== undefined) paper.dim(`✗ ${oneLine(call.tool)}: ${oneLine(call.problem)}`);
      }
    } else if (isPlanning(uses)) paper.line(planIn(output));
    else if (uses !== "ask") paper.dim(`  ${oneLine(calls.get(node)?.tool ?? uses)}: ${brief(output, LONGEST)}`);
  };
  return {
    begin: (report) => {
      run = report.run;
      rememberCalls(report, calls);
    },
    piece: ({ run: of, node, piece }) => {
      const text = of === run ? wordsIn(piece) : "";
      if (text === "") return;
      if (open.has(node)) show(text);
      else held.set(node, [...(held.get(node) ?? []), text]);
    },
    event: (report, event) => {
      if (event.type === "node-started") start(report, event.node);
      else if (event.type === "node-succeeded") succeed(report, event.node, event.output);
      else if (TOLD.has(event.type)) paper.dim(`  ${tellEvent(event)}`);
    },
    lastWords: () => words.trim(),
  };
}

/** What is worth a line of its own. */
const TOLD: ReadonlySet<RunEvent["type"]> = new Set<RunEvent["type"]>([
  "node-failed",
  "node-unknown",
  "node-settled",
  "wait-closed",
  "undo-succeeded",
  "undo-failed",
  "rollback-decided",
  "cancel-decided",
  "fail-decided",
  "run-suspended",
  "run-resumed",
]);

interface Call {
  readonly tool: string;
  readonly input: Json;
  readonly problem: string | undefined;
}

function usesOf({ nodes }: RunReport, node: string): string {
  return nodes.get(node)?.uses ?? "";
}

function isThought(uses: string): boolean {
  return uses.endsWith(".think");
}

function isPlanning(uses: string): boolean {
  return uses === "planner.plan" || uses === "planner.change";
}

/** What a run that goes on has already wanted. */
function rememberCalls({ nodes }: RunReport, calls: Map<string, Call>): void {
  for (const { id, uses, output } of nodes.values()) {
    if (!isThought(uses) || isCall(id)) continue;
    for (const [index, call] of readThought(output).calls.entries()) calls.set(`${id}c${index}`, call);
  }
}

function readThought(output: Json): { readonly text: string; readonly calls: readonly Call[] } {
  const { text, calls } = isJsonObject(output) ? output : {};
  const wanted = Array.isArray(calls) ? calls.filter(isJsonObject) : [];
  return {
    text: typeof text === "string" ? text : "",
    calls: wanted.map(({ tool, input = null, problem }) => ({
      tool: typeof tool === "string" ? tool : "",
      input,
      problem: typeof problem === "string" ? problem : undefined,
    })),
  };
}

function planIn(output: Json): string {
  const { shown, tag } = isJsonObject(output) ? output : {};
  if (typeof shown === "string") return toPrintable(shown).trimEnd();
  return tag === "problems" ? "the plan can't be used as it is: asking again" : brief(output, LONGEST);
}

function wordsIn(piece: Json): string {
  const { type, text } = isJsonObject(piece) ? piece : {};
  return type === "text" && typeof text === "string" ? toPrintable(text) : "";
}
