import { CONFIG, DIR, HELP, JSON_OUT, READS, WORKS, type Option, type Verb } from "./verb.ts";

const TOOLS: Option = {
  name: "tools",
  value: "A,B,…",
  summary: "tools by name; also files:DIR, shell:DIR, with :ro only to read (`pawl tools ls`)",
};
const MADE_OF: readonly Option[] = [
  {
    name: "model",
    value: "NAME",
    isMany: true,
    summary: "the model (default: PAWL_MODEL, the configuration); more of them: the later are cheaper, for degrade",
  },
  TOOLS,
  {
    name: "budget",
    value: "AMOUNTS",
    summary: "what a run may use at most: usd=0.5,tokens=100000,steps=30,calls=50,minutes=10",
  },
  {
    name: "on-budget",
    value: "finish|degrade|ask|stop",
    summary: "when that is used up: a last answer (default), the next model, a question, a rollback",
  },
  { name: "approve", value: "effects|all", summary: "ask a person before each effect, or before each call" },
  { name: "instructions", value: "TEXT|@FILE", summary: "what it is and how it should work" },
];
const ID: Option = { name: "id", value: "ID", summary: "name of the run (default: a fresh one)" };
const TAG: Option = { name: "tag", value: "TAG", isMany: true, summary: "tag of the run; may be repeated" };

/** The verbs for agents. */
export const AGENT_VERBS: readonly Verb[] = [
  {
    name: "agent",
    usage: "agent GOAL [--model NAME] [--tools A,B] [--budget AMOUNTS] [--approve effects|all]",
    arguments: ["GOAL"],
    summary: "let an agent work on a goal, with tools, until it answers; every step is kept and can be taken up",
    options: [...MADE_OF, ID, TAG, ...WORKS],
    examples: [
      'pawl agent "What is 17% of 4321?" --model http://127.0.0.1:8093/v1#my-model',
      'pawl agent "Tidy up the notes" --tools files:notes --approve effects --budget usd=0.5,minutes=10',
    ],
    load: async () => (await import("./verbs/agent.ts")).performAgent,
  },
  {
    name: "chat",
    usage: "chat [--model NAME] [--id ID]",
    arguments: [],
    summary: "talk with an agent; each line is a run that can be undone",
    options: [
      ...MADE_OF,
      { name: "id", value: "ID", summary: "the conversation to go on with, or the name of a new one" },
      DIR,
      CONFIG,
      JSON_OUT,
      HELP,
    ],
    examples: ["pawl chat --model ollama:qwen3", "pawl chat --id trip", `echo "Hello" | pawl chat`],
    load: async () => (await import("./verbs/chat.ts")).performChat,
  },
  {
    name: "plan",
    usage: "plan GOAL [--model NAME] [--tools A,B] [--approve plan|effects|all]",
    arguments: ["GOAL"],
    summary: "let a model write a plan for a goal, check it, and carry it out",
    options: [
      ...MADE_OF.filter(({ name }) => name !== "on-budget" && name !== "approve"),
      {
        name: "approve",
        value: "plan|effects|all",
        summary: "show the plan to a person first, or each effect, or each step",
      },
      ID,
      TAG,
      ...WORKS,
    ],
    examples: ['pawl plan "Fetch the three reports and compare them" --approve plan'],
    load: async () => (await import("./verbs/agent.ts")).performPlan,
  },
  {
    name: "tools ls",
    usage: "tools ls [--tools A,B]",
    arguments: [],
    summary: "list the tools that agents can be given here",
    options: [TOOLS, CONFIG, JSON_OUT, HELP],
    examples: ["pawl tools ls"],
    load: async () => (await import("./verbs/tools-ls.ts")).performToolsLs,
  },
  {
    name: "tools call",
    usage: "tools call NAME [JSON|@FILE|-]",
    arguments: ["NAME", "[JSON]"],
    summary: "call one tool, as a run of one step",
    options: [ID, TAG, ...WORKS],
    examples: [`pawl tools call code '{"code": "6 * 7"}'`, `pawl tools call files.read:notes '{"path": "todo.md"}'`],
    load: async () => (await import("./verbs/tools-call.ts")).performToolsCall,
  },
  {
    name: "models ls",
    usage: "models ls",
    arguments: [],
    summary: "say which models can be asked from here, and what is missing for the others",
    options: [CONFIG, JSON_OUT, HELP],
    examples: ["pawl models ls"],
    load: async () => (await import("./verbs/models-ls.ts")).performModelsLs,
  },
  {
    name: "mcp serve",
    usage: "mcp serve [--http [PORT]] [--tools A,B]",
    arguments: [],
    summary: "offer the plans, agents and actions of the configuration over MCP; each call is a run",
    options: [
      {
        name: "http",
        value: "[PORT]",
        summary: "on a port of 127.0.0.1 instead of stdin and stdout; its token: PAWL_MCP_TOKEN, or a fresh one",
      },
      TOOLS,
      ...READS,
    ],
    examples: ["pawl mcp serve", "pawl mcp serve --http 8931"],
    load: async () => (await import("./verbs/mcp-serve.ts")).performMcpServe,
  },
];
