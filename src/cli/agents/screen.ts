import { toPrintable, type Json } from "../../base/index.ts";
import type { RunEvent, RunReport } from "../../plan/index.ts";
import type { Piece } from "../../run/index.ts";
import type { CliContext } from "../context.ts";
import { tellEvent } from "../event-line.ts";
import { brief, oneLine } from "../text.ts";
import type { View } from "../view.ts";
import { createPaper, type Paper } from "./paper.ts";
import { callNode, callsIn, isPlanning, isThought, LONGEST, planIn, readSaid, wordsIn, type SaidCall } from "./said.ts";

/*
 * What an agent says and does, as it comes.
 *
 * 1. Pieces of a model come by another way than the journal, and may be faster: those of a step are held back until the
 *    step's start has been shown.
 * 2. Nothing that a model or a tool wrote reaches the terminal but as printable text.
 */

/** Shows the run of an agent. */
export interface Screen extends View {
  readonly piece: (piece: Piece) => void;
  /** Whether this text was shown as the last words, on the stream that answers go to. */
  readonly hasShown: (text: string) => boolean;
}

/** The screen that fits: none with --json; words go to the terminal's stdout, elsewhere to stderr. */
export function createScreen(context: CliContext): Screen {
  const { stdout, stderr, isJson } = context;
  const isTerminal = stdout.isTerminal && stderr.isTerminal;
  const paper = createPaper(isTerminal ? stdout : stderr, isJson);
  const story: Story = { paper, held: new Map(), open: new Set(), calls: new Map(), run: "", words: "" };
  return {
    begin: (report) => {
      story.run = report.run;
      for (const [node, call] of callsIn(report)) story.calls.set(node, call);
      // A step that is under way was begun before anyone looked.
      for (const { id, status, uses } of report.nodes.values())
        if (status === "running" && isThought(uses)) open(story, id);
    },
    piece: (piece) => hear(story, piece),
    event: (report, { event }) => tell(story, report, event),
    say: paper.line,
    end: paper.endLine,
    hasShown: (text) => isTerminal && !isJson && story.words.trim() === toPrintable(text).trim(),
  };
}

interface Story {
  readonly paper: Paper;
  /** Words of steps whose start has not been shown. */
  readonly held: Map<string, string[]>;
  /** Steps whose words are shown as they come. */
  readonly open: Set<string>;
  readonly calls: Map<string, SaidCall>;
  run: string;
  /** What the last thought has said. */
  words: string;
}

/** What is worth a line of its own, beside what begins and what succeeds. */
const TOLD: ReadonlySet<string> = new Set([
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

function tell(story: Story, { nodes }: RunReport, event: RunEvent): void {
  if (event.type === "node-started") begin(story, event.node, nodes.get(event.node)?.uses ?? "");
  else if (event.type === "node-succeeded") {
    const uses = nodes.get(event.node)?.uses ?? "";
    if (isThought(uses)) endThought(story, event.node, event.output);
    else endStep(story, event.node, { uses, output: event.output });
  } else if (TOLD.has(event.type)) story.paper.dim(`  ${tellEvent(event)}`);
}

function begin(story: Story, node: string, uses: string): void {
  const { paper, calls } = story;
  if (isThought(uses)) return open(story, node);
  if (isPlanning(uses)) return paper.status("planning …");
  if (uses === "ask") return;
  const { tool, input } = calls.get(node) ?? { tool: `${node} ${uses}`, input: undefined };
  paper.dim(`» ${oneLine(tool)}${input === undefined ? "" : ` ${brief(input, LONGEST)}`}`);
  paper.status(`${oneLine(tool)} …`);
}

function open(story: Story, node: string): void {
  const { paper, held } = story;
  story.open.add(node);
  story.words = "";
  paper.endLine();
  paper.status("thinking …");
  for (const text of held.get(node) ?? []) show(story, text);
  held.delete(node);
}

function hear(story: Story, { run, node, piece }: Piece): void {
  const text = run === story.run ? wordsIn(piece) : "";
  if (text === "") return;
  if (story.open.has(node)) show(story, text);
  else story.held.set(node, [...(story.held.get(node) ?? []), text]);
}

function show(story: Story, text: string): void {
  story.words += text;
  story.paper.words(text);
}

function endThought(story: Story, node: string, output: Json): void {
  const { paper, calls, held } = story;
  story.open.delete(node);
  held.delete(node);
  const said = readSaid(output);
  if (story.words.trim() === "") show(story, said.text);
  paper.endLine();
  for (const [index, call] of said.calls.entries()) {
    calls.set(callNode(node, index), call);
    if (call.problem !== undefined) paper.dim(`✗ ${oneLine(call.tool)}: ${oneLine(call.problem)}`);
  }
}

function endStep(
  { paper, calls, held }: Story,
  node: string,
  { uses, output }: { readonly uses: string; readonly output: Json },
): void {
  held.delete(node);
  if (isPlanning(uses)) paper.line(planIn(output));
  else if (uses !== "ask") paper.dim(`  ${oneLine(calls.get(node)?.tool ?? node)}: ${brief(output, LONGEST)}`);
}
