import type { Action, AnyAction } from "../../../src/action/index.ts";
import {
  AutoGPT,
  debate,
  defineAgent,
  handOff,
  mapReduce,
  PlanAndExecute,
  supervisor,
  type AgentOptions,
} from "../../../src/agents/index.ts";
import type { Json, JsonObject } from "../../../src/base/index.ts";
import { defineAction, defineQuery, PermanentError } from "../../../src/index.ts";
import { lessonTools, memoryTools, type Memory } from "../../../src/memory/index.ts";
import { scriptedModel } from "../../../src/models/index.ts";
import { obey, obeyThenHandTo, planner, toOrder } from "./model.ts";
import { anything, fields, type OpenSource } from "./sources.ts";
import type { OpenSink } from "./sinks.ts";

/** What stands at both ends of a way, and what it may use between. */
interface Ground {
  readonly source: OpenSource;
  readonly sink: OpenSink;
  readonly files: readonly AnyAction[];
  readonly memory: Memory;
}

/** A run of a way; what the one leaves, the next finds. */
export interface Leg {
  readonly action: Action<Json, unknown>;
  readonly input: Json;
  /** Its process ends as soon as the source was looked at; another takes it up. */
  readonly isCut?: boolean;
}

type Way = (ground: Ground) => readonly Leg[];

function leg(action: AnyAction, input: Json): Leg {
  const { name, version, definition } = action;
  return { action: { name, version, definition }, input };
}

function agent(name: string, tools: readonly AnyAction[], more: Partial<AgentOptions> = {}): AnyAction {
  return defineAgent(name, { description: `The ${name}.`, model: scriptedModel(obey), tools, ...more });
}

const look = ({ source }: Ground): string => toOrder(source.tool, source.input);
const act = ({ sink }: Ground): string => toOrder("act", sink.order ?? sink.input);

const plain = defineQuery("plain", { input: anything, output: anything, run: () => "plain" });
/** Tells what it was given by failing. */
const complain = defineQuery("complain", {
  description: "Complains.",
  input: fields,
  output: anything,
  run: ({ input }) => Promise.reject(new PermanentError("COMPLAINT", JSON.stringify(input))),
});
/** Looks up a node that it is given nothing of. */
const peek = defineQuery("peek", {
  input: anything,
  output: anything,
  run: ({ read }) => JSON.stringify(read("read")?.outcome ?? null),
});
/** One effect in the whole folder, and who comes second is given what the first one got. */
const keep = defineAction("keep", {
  input: fields,
  output: anything,
  repeat: "keyed",
  undo: "impossible",
  identity: () => "one",
  run: ({ input }) => input["value"] ?? null,
});

function plan(name: string, uses: readonly AnyAction[], nodes: JsonObject): AnyAction {
  return { name, version: 1, definition: { tag: "plan", graph: { name, nodes }, uses } };
}

/** The node that looks at the source; what it says by failing counts too. */
function reading({ source }: Ground): JsonObject {
  return { ...(source.node ?? { uses: source.tool, with: source.input }), onFailure: "observe" };
}

const usable = ({ source }: Ground): readonly AnyAction[] => (source.node === undefined ? source.tools : []);

/** A plan that looks, does something, and acts. */
function looking(ground: Ground, nodes: JsonObject, uses: readonly AnyAction[] = []): readonly Leg[] {
  const all = [...usable(ground), ground.sink.action, ...uses];
  return [leg(plan("outer", all, { read: reading(ground), ...nodes }), null)];
}

function acting({ sink }: Ground, expression: string, more: JsonObject = {}): JsonObject {
  return { uses: "act", with: sink.carry(expression), onFailure: "observe", ...more };
}

/** A plan in which another plan, agent or planner does the looking. */
function through(ground: Ground, inner: AnyAction, input: Json): readonly Leg[] {
  const child = { uses: inner.name, with: input, onFailure: "observe" };
  return [leg(plan("outer", [inner, ground.sink.action], { child, act: acting(ground, "nodes.child.output") }), null)];
}

/** A planner whose plan looks, then fails over what it saw, and is changed in the given way. */
function changed(ground: Ground, change: Json, tools: readonly AnyAction[] = []): AnyAction {
  const complaint = { uses: "complain", with: { value: "${nodes.read.output}" } };
  const model = planner({ name: "p", nodes: { read: reading(ground), look: complaint } }, change);
  return PlanAndExecute("planner", { model, tools: [...usable(ground), complain, noted, ...tools], revisions: 1 });
}

const noted = defineQuery("noted", { description: "Notes.", input: fields, output: anything, run: () => "noted" });
const end = { op: "add-node", id: "more", node: { uses: "noted", with: {} } };

/** Ways from a source to a sink, each of one or more runs. */
export const WAYS: Readonly<Record<string, Way>> = {
  thought: (ground) => [leg(agent("boss", [...ground.source.tools, ground.sink.action]), { goal: look(ground) })],

  resume: (ground) => [
    { ...leg(agent("boss", [...ground.source.tools, ground.sink.action]), { goal: look(ground) }), isCut: true },
  ],

  summary: (ground) => {
    const model = scriptedModel(obey, { contextTokens: 6_500 });
    const tools = [...ground.source.tools, ground.sink.action, long];
    const goal = `${look(ground)} DO long {}`;
    return [leg(agent("boss", tools, { model, maxOutputTokens: 300 }), { goal })];
  },

  "sub-agent": (ground) => {
    const reader = agent("reader", ground.source.tools, { prompt: () => look(ground) });
    const boss = supervisor("boss", { model: scriptedModel(obey), members: [reader], tools: [ground.sink.action] });
    return [leg(boss, { goal: 'DO reader {"goal":"look"}' })];
  },

  "labelled run": (ground) => {
    const inner = agent("inner", [ground.sink.action], { input: { type: "object" } });
    const nodes = { read: reading(ground), work: { uses: "inner", with: { goal: "${nodes.read.output}" } } };
    return [leg(plan("outer", [...usable(ground), inner], nodes), null)];
  },

  file: (ground) => [
    leg(agent("boss", [...ground.source.tools, ...ground.files]), {
      goal: `${look(ground)} DO files.write {"path":"note","text":"kept"}`,
    }),
    leg(agent("heir", [ground.sink.action, ...ground.files]), {
      goal: `DO files.read {"path":"note"} ${act(ground)}`,
    }),
  ],

  memory: (ground) => [
    leg(agent("boss", [...ground.source.tools, ...memoryTools(ground.memory)]), {
      goal: `${look(ground)} DO memory.remember {"text":"kept"}`,
    }),
    leg(agent("heir", [ground.sink.action, ...memoryTools(ground.memory)]), {
      goal: `DO memory.recall {"query":"kept"} ${act(ground)}`,
    }),
  ],

  lesson: (ground) => {
    const habits = { model: scriptedModel(obey), memory: lessonTools(ground.memory), kind: "work" };
    const boss = AutoGPT("boss", { ...habits, tools: ground.source.tools });
    const heir = AutoGPT("heir", { ...habits, tools: [ground.sink.action] });
    const first = leg(boss, { goal: look(ground) });
    return [first, first, leg(heir, { goal: "Do as you learnt." })];
  },

  debate: (ground) => {
    const debaters = [agent("ada", ground.source.tools), agent("bob", [])];
    const judge = agent("judge", [ground.sink.action]);
    return [leg(debate("court", { debaters, judge, rounds: 2 }), { goal: look(ground) })];
  },

  "map-reduce": (ground) => {
    const map = agent("mapper", ground.source.tools);
    const reduce = agent("reducer", [ground.sink.action]);
    return [leg(mapReduce("each", { map, reduce }), { goal: look(ground), items: [1] })];
  },

  "hand-off": (ground) => {
    const reader = { model: obeyThenHandTo("writer"), tools: ground.source.tools, description: "Reads." };
    const writer = { model: scriptedModel(obey), tools: [ground.sink.action], description: "Writes." };
    return [leg(handOff("desk", { members: { reader, writer }, first: "reader" }), { goal: look(ground) })];
  },

  value: (ground) => looking(ground, { act: acting(ground, "nodes.read.output") }),

  condition: (ground) =>
    looking(ground, { act: { uses: "act", with: ground.sink.input, when: 'nodes.read.state == "succeeded"' } }),

  fallback: (ground) => {
    const fallback = { uses: "act", with: ground.sink.carry("nodes.read.output") };
    return looking(ground, { try: { uses: "complain", with: {}, onFailure: { fallback } } }, [complain]);
  },

  "what is looked up": (ground) =>
    looking(ground, { look: { uses: "peek", with: {}, reads: ["read"] }, act: acting(ground, "nodes.look.output") }, [
      peek,
    ]),

  "a planner's new step": (ground) => {
    const node = { uses: "act", with: ground.sink.input };
    const change = { patch: [{ op: "add-node", id: "act", node }] };
    return [leg(changed(ground, change, [ground.sink.action]), { goal: "Look." })];
  },

  "what is looked up after an order": (ground) =>
    looking(
      ground,
      {
        look: { uses: "peek", with: {}, after: ["read"], reads: ["read"] },
        act: acting(ground, "nodes.look.output"),
      },
      [peek],
    ),

  "what is looked up in a join": (ground) => {
    const nodes = {
      first: { uses: "plain", after: ["read"] },
      look: { uses: "peek", with: {}, join: "any", after: ["first"], reads: ["read"] },
      act: acting(ground, "nodes.look.output"),
    };
    return looking(ground, nodes, [plain, peek]);
  },

  "a step that was skipped": (ground) => {
    const nodes = {
      maybe: { uses: "plain", when: 'nodes.read.state == "failed"' },
      act: acting(ground, "nodes.maybe.state", { optional: ["maybe"] }),
    };
    return looking(ground, nodes, [plain]);
  },

  "a step that failed": (ground) => {
    const nodes = {
      maybe: { uses: "complain", with: { value: "${nodes.read.output}" }, onFailure: "skip" },
      act: { uses: "act", with: ground.sink.input, after: [{ node: "maybe", on: "failed" }] },
    };
    return looking(ground, nodes, [complain]);
  },

  "why a plan failed": (ground) => {
    const nodes = { read: reading(ground), look: { uses: "complain", with: { value: "${nodes.read.output}" } } };
    return through(ground, plan("inner", [...usable(ground), complain], nodes), null);
  },

  "why a planner gave up": (ground) => through(ground, changed(ground, { giveUp: act(ground) }), { goal: "Look." }),

  "a planner's new output": (ground) =>
    through(ground, changed(ground, { patch: [end, { op: "set-output", output: act(ground) }] }), { goal: "Look." }),

  "one effect of two runs": (ground) => {
    const uses = [...usable(ground), ground.sink.action, keep];
    const kept = { uses: "keep", with: { value: "${nodes.read.output}" } };
    return [
      leg(plan("first", uses, { read: reading(ground), kept }), null),
      leg(plan("second", uses, { kept: { uses: "keep", with: {} }, act: acting(ground, "nodes.kept.output") }), null),
    ];
  },
};

/** Text enough to make a conversation too long. */
const long = defineQuery("long", {
  description: "Says much.",
  input: fields,
  output: anything,
  run: () => "word ".repeat(1_500),
});
