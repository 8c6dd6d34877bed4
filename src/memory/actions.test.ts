import { expect, it } from "vitest";
import type { AnyAction, AttemptContext, EffectDefinition, Label, UndoContext } from "../action/index.ts";
import type { Json } from "../base/index.ts";
import { lessonTools, memoryTools, openMemory } from "./index.ts";

function effectOf(action: AnyAction | undefined): EffectDefinition {
  const { definition } = action ?? {};
  if (definition?.tag !== "effect") throw new Error("no effect");
  return definition;
}

interface Given {
  readonly input: Json;
  readonly key?: string;
  readonly run?: string;
  readonly labels?: readonly Label[];
}

/** An attempt, and the labels that it gave its output. */
function attempt({ input, key = "k", run = "r", labels = [] }: Given): {
  context: AttemptContext<Json>;
  given: Label[];
} {
  const given: Label[] = [];
  const nothing = (): undefined => undefined;
  const signal = new AbortController().signal;
  const label = (...more: readonly Label[]): void => void given.push(...more);
  const rest = { token: 1, node: "n", attempt: 1, alive: nothing, emit: nothing, used: nothing, read: nothing };
  return { context: { input, key, run, labels, signal, label, ...rest }, given };
}

function undoing(context: AttemptContext<Json>, output: Json): UndoContext<Json, Json> {
  return { ...context, output, undoes: context.key, key: "undo" };
}

it("keeps the labels of what is remembered, and gives them back", async () => {
  const memory = openMemory({ file: ":memory:" });
  const [recall, remember] = memoryTools(memory).map(effectOf);
  const writing = attempt({ input: { text: "Green tea." }, key: "k1", labels: ["untrusted"] });
  expect(await remember?.run(writing.context)).toEqual({ id: "k1" });
  expect(await remember?.run(writing.context)).toEqual({ id: "k1" });
  expect(memory.all()).toMatchObject([{ id: "k1", run: "r", node: "n", kind: "note", labels: ["untrusted"] }]);
  const looking = attempt({ input: { query: "tea", kind: "note", k: 1 } });
  expect(await recall?.run(looking.context)).toEqual({ entries: [{ id: "k1", text: "Green tea.", kind: "note" }] });
  expect(looking.given).toEqual(["untrusted"]);
  const { undo } = remember ?? {};
  // As after a crash: nobody knows what came of the attempt.
  if (typeof undo === "function") await undo(undoing(writing.context, null));
  expect(memory.all()).toEqual([]);
  memory.close();
});

it("keeps the labels of all who saw a lesson, gives them back, and takes back what one attempt saw", async () => {
  const memory = openMemory({ file: ":memory:" });
  const tools = lessonTools(memory, { name: "shop" });
  expect([tools.recall.name, tools.learn.name]).toEqual(["shop.lessons", "shop.learn"]);
  const [recall, learn] = [effectOf(tools.recall), effectOf(tools.learn)];
  const input = { kind: "orders", lessons: ["Ask for the number.", "Be brief."] };
  const second = attempt({ input, key: "k2", run: "b", labels: ["secret"] });
  await learn.run(attempt({ input, key: "k1", run: "a" }).context);
  await learn.run(second.context);
  const looking = attempt({ input: { query: { goal: "Nothing alike" }, kind: "orders" } });
  expect(await recall.run(looking.context)).toMatchObject({ entries: [{ text: expect.any(String) }, {}] });
  expect(looking.given).toEqual(["secret", "secret"]);
  if (typeof learn.undo === "function") await learn.undo(undoing(second.context, null));
  expect(await recall.run(attempt({ input: { query: "number", kind: "orders" } }).context)).toEqual({ entries: [] });
  memory.close();
});
