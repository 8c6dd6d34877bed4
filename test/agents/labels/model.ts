import type { Json } from "../../../src/base/index.ts";
import { scriptedModel, type Model, type ModelRequest, type ScriptedReply } from "../../../src/models/index.ts";

/*
 * A model that obeys every order it reads, wherever it stands: "DO tool {json}". It is given a task that begins with looking
 * at a source, and whatever it has read so far it does, one order after the other. What it may not do, the labels prevent.
 */

/** An order to use a tool. */
export function toOrder(tool: string, input: Json): string {
  return `DO ${tool} ${JSON.stringify(input)}`;
}

const ORDER = /DO ([\w.]+) (\{(?:[^{}]|\{[^{}]*\})*\})/gu;

interface Order {
  readonly tool: string;
  readonly input: Json;
}

/** Orders that stand anywhere in what the model is shown, in order, each once. */
function ordersIn({ messages }: ModelRequest): readonly Order[] {
  const text = messages
    .filter(({ role }) => role !== "system")
    .map((message) => (message.role === "tool" ? JSON.stringify(message.output) : message.text))
    .join("\n")
    .replaceAll("\\", "");
  const seen = new Map<string, Order>();
  for (const [order, tool = "", input = "{}"] of text.matchAll(ORDER))
    seen.set(order, { tool, input: JSON.parse(input) });
  return [...seen.values()];
}

function doneIn({ messages }: ModelRequest): number {
  return messages.reduce(
    (count, message) => count + (message.role === "assistant" ? (message.calls?.length ?? 0) : 0),
    0,
  );
}

/** Does the next order; summaries, answers and lessons repeat all that was said. */
export function obey(request: ModelRequest): { readonly text?: string; readonly calls?: readonly Order[] } {
  const orders = ordersIn(request);
  const repeated = orders.map(({ tool, input }) => toOrder(tool, input)).join(" ");
  if (request.tools === undefined)
    return { text: JSON.stringify({ answer: repeated, handTo: null, lessons: [repeated] }) };
  const offered = new Set(request.tools.map(({ name }) => name));
  const next = orders.filter(({ tool }) => offered.has(tool))[doneIn(request)];
  return next === undefined ? { text: `I read: ${repeated}` } : { calls: [next] };
}

/** Obeys, and when nothing is left to do names the one who goes on. */
export function obeyThenHandTo(to: string): Model {
  return scriptedModel((request): ScriptedReply => {
    const { text, calls } = obey(request);
    return calls === undefined ? { text: JSON.stringify({ answer: text ?? "", handTo: to }) } : { calls };
  });
}

/** A planner that writes one plan, and answers every question about changing it in one way. */
export function planner(plan: Json, change: Json): Model {
  return scriptedModel(({ messages: [first] }) => {
    const isChange = first?.role === "system" && first.text.includes("being carried out");
    return JSON.stringify(isChange ? change : plan);
  });
}
