import { describe, expect, it } from "vitest";
import { z } from "zod";
import { asOutcome, defineAction, defineChoice, defineQuery, firstPolicy } from "./index.ts";

const Id = z.object({ id: z.string() });
const run = (): { id: string } => ({ id: "1" });

describe("defineQuery", () => {
  it("has no effect, so it may be repeated and needs no undo", () => {
    const query = defineQuery("look", { input: Id, output: Id, run, version: 3 });
    expect(query).toMatchObject({ name: "look", version: 3 });
    expect(query.definition).toMatchObject({ tag: "effect", isQuery: true, repeat: "safe", undo: "not-needed" });
    expect(query.definition).toMatchObject({ input: Id, output: Id, run, limits: {}, resources: [], counters: {} });
  });
});

describe("defineAction", () => {
  it("keeps what it says of its effect", () => {
    const nature = {
      repeat: "never",
      undo: () => 1,
      check: () => asOutcome<{ id: string }>(undefined),
      identity: () => "x",
    } as const;
    const limits = { timeoutMs: 1, idleMs: 2, totalMs: 3 };
    const resources = ["till", { name: "hands", units: 2 }] as const;
    const counters = { tokens: 5 };
    const action = defineAction("act", { input: Id, output: Id, run, ...nature, ...limits, resources, counters });
    expect(action.version).toBe(1);
    expect(action.definition).toMatchObject({ isQuery: false, undoesUnknown: false, ...nature, limits, counters });
    expect(action.definition).toHaveProperty("resources", [
      { name: "till", units: 1 },
      { name: "hands", units: 2 },
    ]);
  });
});

describe("defineChoice", () => {
  const [small, large] = [
    defineQuery("small", { input: Id, output: Id, run }),
    defineQuery("large", { input: Id, output: Id, run }),
  ];
  const variants = { small, large };

  it("takes its first, unless a policy says otherwise, and shows policies only what it is told to", () => {
    const choice = defineChoice("size", { variants, first: "large" });
    expect(choice.definition).toMatchObject({ tag: "choice", variants, first: "large", policy: firstPolicy });
    if (choice.definition.tag !== "choice") throw new Error("expected a choice");
    expect(choice.definition.state({ id: "abc" })).toBeNull();
    const request = { choice: "size", state: null, allowed: ["small", "large"], first: "large" };
    expect(firstPolicy.distribution(request)).toEqual({ probabilities: { small: 0, large: 1 } });
  });

  it("works its state out of the input", () => {
    const choice = defineChoice("size", {
      variants,
      first: "small",
      policy: "bandit",
      state: ({ id }) => ({ length: id.length }),
    });
    if (choice.definition.tag !== "choice") throw new Error("expected a choice");
    expect(choice.definition.state({ id: "abc" })).toEqual({ length: 3 });
    expect(choice.definition.policy).toBe("bandit");
  });
});

describe("asOutcome", () => {
  it("says done with what was found, also if that is empty, and not-done otherwise", () => {
    expect([asOutcome(undefined), asOutcome(null)]).toEqual([{ tag: "not-done" }, { tag: "not-done" }]);
    expect([asOutcome(0), asOutcome("")]).toEqual([
      { tag: "done", output: 0 },
      { tag: "done", output: "" },
    ]);
  });
});
