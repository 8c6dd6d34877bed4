import type { Json } from "../base/index.ts";
import type { Message } from "../models/index.ts";

/** How much of a conversation fits. */
export interface WindowOptions {
  readonly maxTokens: number;
  readonly estimate: (message: Message) => number;
  /** Messages at the end that stay as they are, if they fit. Default 4. */
  readonly keepLast?: number;
}

/** A conversation cut in two: what is to be summarised, and what stays. */
export interface Window {
  readonly summarise: readonly Message[];
  readonly keep: readonly Message[];
}

const MARK = "\n[… cut: it was longer than the whole window]";

/**
 * Decides what of a conversation stays and what is to be summarised. The system's words stay, and stand first; a call is
 * never parted from its results, which makes them one group. A group that is larger than the window by itself has its
 * texts cut, with a mark, wherever it goes. What stays fits, save where even cutting can't help: the system's words and
 * the arguments of calls are never cut.
 */
export function fitWindow(messages: readonly Message[], { maxTokens, estimate, keepLast = 4 }: WindowOptions): Window {
  const system = messages.filter(({ role }) => role === "system");
  const room = maxTokens - sum(system, estimate);
  const whole = groupsOf(messages.filter(({ role }) => role !== "system"));
  const groups = whole.map((group) => cut(group, room, estimate));
  const kept: (readonly Message[])[] = [];
  let used = 0;
  let count = 0;
  for (const group of groups.toReversed()) {
    const size = sum(group, estimate);
    const isWanted = count < keepLast || used + size <= room / 2;
    // The last one stays though it fits nowhere: a conversation without it has no question.
    if (kept.length > 0 && (used + size > room || !isWanted)) break;
    kept.unshift(group);
    used += size;
    count += group.length;
  }
  return { summarise: groups.slice(0, groups.length - kept.length).flat(), keep: [...system, ...kept.flat()] };
}

/** A call with its results, or a message by itself. */
function groupsOf(messages: readonly Message[]): readonly (readonly Message[])[] {
  const groups: Message[][] = [];
  for (const message of messages) {
    const before = groups.at(-1);
    if (message.role === "tool" && before !== undefined) before.push(message);
    else groups.push([message]);
  }
  return groups;
}

function sum(messages: readonly Message[], estimate: (message: Message) => number): number {
  return messages.reduce((total, message) => total + estimate(message), 0);
}

/** Halves the longest text until the group fits, or nothing is left to halve. */
function cut(group: readonly Message[], room: number, estimate: (message: Message) => number): readonly Message[] {
  let messages = group;
  while (sum(messages, estimate) > room) {
    const sizes = messages.map((message) => bare(message).length);
    const longest = sizes.indexOf(Math.max(...sizes));
    if ((sizes[longest] ?? 0) <= MARK.length) break;
    messages = messages.map((message, at) => (at === longest ? halved(message) : message));
  }
  return messages;
}

/** The text of a message, without the mark of an earlier cut. */
function bare(message: Message): string {
  const text = message.role === "tool" ? toText(message.output) : message.text;
  return text.endsWith(MARK) ? text.slice(0, -MARK.length) : text;
}

function toText(output: Json): string {
  return typeof output === "string" ? output : JSON.stringify(output);
}

/** A character in two halves. */
const HALF = /[\uD800-\uDBFF]$/u;

function halved(message: Message): Message {
  const text = bare(message);
  const half = text.slice(0, Math.floor(text.length / 2)).replace(HALF, "") + MARK;
  return message.role === "tool" ? { ...message, output: half } : { ...message, text: half };
}
