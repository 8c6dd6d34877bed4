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
 * Decides what of a conversation stays and what is to be summarised. The system's words stay; a call is never parted from
 * its results; a message that is longer than the whole window by itself is cut, with a mark. It always comes to an end,
 * and what stays fits.
 */
export function fitWindow(messages: readonly Message[], { maxTokens, estimate, keepLast = 4 }: WindowOptions): Window {
  const system = messages.filter(({ role }) => role === "system");
  const groups = groupsOf(messages.filter(({ role }) => role !== "system"));
  const room = maxTokens - sum(system, estimate);
  const kept: (readonly Message[])[] = [];
  let used = 0;
  let count = 0;
  for (const group of groups.toReversed()) {
    const size = sum(group, estimate);
    const isWanted = count < keepLast || used + size <= room / 2;
    if (used + size > room || !isWanted) break;
    kept.unshift(group);
    used += size;
    count += group.length;
  }
  const rest = groups.slice(0, groups.length - kept.length);
  const last = rest.at(-1);
  if (kept.length > 0 || last === undefined) return { summarise: rest.flat(), keep: [...system, ...kept.flat()] };
  return { summarise: rest.slice(0, -1).flat(), keep: [...system, ...cut(last, room, estimate)] };
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
    const sizes = messages.map(lengthOf);
    const longest = sizes.indexOf(Math.max(...sizes));
    if ((sizes[longest] ?? 0) <= MARK.length) break;
    messages = messages.map((message, at) => (at === longest ? halved(message) : message));
  }
  return messages;
}

function textOf(message: Message): string {
  return message.role === "tool" ? JSON.stringify(message.output) : message.text;
}

function lengthOf(message: Message): number {
  return textOf(message).replace(MARK, "").length;
}

function halved(message: Message): Message {
  const text = textOf(message).replace(MARK, "");
  const half = text.slice(0, Math.floor(text.length / 2)) + MARK;
  return message.role === "tool" ? { ...message, output: half } : { ...message, text: half };
}
