import type { CliContext } from "./context.ts";

/** One option of a verb. */
export interface Option {
  readonly name: string;
  /** What its value is; absent: a switch. */
  readonly value?: string;
  readonly short?: string;
  readonly isMany?: boolean;
  readonly summary: string;
}

/** Does a verb; gives the exit code. */
type Perform = (context: CliContext) => Promise<number>;

/** One verb: what it takes, and where its code is. */
export interface Verb {
  /** One or two words. */
  readonly name: string;
  readonly usage: string;
  /** Names of its arguments; in brackets: may be left out. */
  readonly arguments: readonly string[];
  readonly summary: string;
  readonly options: readonly Option[];
  readonly examples: readonly string[];
  readonly load: () => Promise<Perform>;
}

const DIR: Option = {
  name: "dir",
  value: "DIR",
  summary: "state folder (default: PAWL_DIR, the configuration, .pawl)",
};
const JSON_OUT: Option = { name: "json", summary: "write JSON to stdout, errors as JSON to stderr" };
const HELP: Option = { name: "help", short: "h", summary: "show this help" };
const CONFIG: Option = {
  name: "config",
  value: "FILE",
  summary: "configuration (default: pawl.config.ts, .mjs or .js)",
};
const WAIT: Option = { name: "wait", summary: "keep running while questions for people are open" };
const BY: Option = { name: "by", value: "NAME", summary: "who gives the order (default: the account's name)" };

const READS = [DIR, CONFIG, JSON_OUT, HELP];
const WORKS = [WAIT, ...READS];

/** All verbs, in the order in which help shows them. */
export const VERBS: readonly Verb[] = [
  {
    name: "demo",
    usage: "demo",
    arguments: [],
    summary: "play a small shop: branches, an approval, a rollback and a kill -9; no key, no network",
    options: [DIR, HELP],
    examples: ["pawl demo"],
    load: async () => (await import("./verbs/demo.ts")).performDemo,
  },
  {
    name: "run",
    usage: "run FILE [--input JSON|@FILE|-] [--id ID] [--tag TAG]",
    arguments: ["FILE"],
    summary: "run a plan file to its end; the same --id again is the same run",
    options: [
      { name: "input", value: "JSON|@FILE|-", summary: "the input: JSON, @FILE, or - for stdin (default: null)" },
      { name: "id", value: "ID", summary: "name of the run (default: a fresh one)" },
      { name: "tag", value: "TAG", isMany: true, summary: "tag of the run; may be repeated" },
      ...WORKS,
    ],
    examples: [`pawl run order.yaml --id order-42 --input '{"id": "42"}'`, "pawl run order.yaml --input @order.json"],
    load: async () => (await import("./verbs/run.ts")).performRun,
  },
  {
    name: "plan check",
    usage: "plan check FILE",
    arguments: ["FILE"],
    summary: "say all that is wrong with a plan file, and what may surprise",
    options: [CONFIG, JSON_OUT, HELP],
    examples: ["pawl plan check order.yaml"],
    load: async () => (await import("./verbs/plan-check.ts")).performPlanCheck,
  },
  {
    name: "plan graph",
    usage: "plan graph FILE [--format mermaid|table]",
    arguments: ["FILE"],
    summary: "draw a plan file",
    options: [{ name: "format", value: "mermaid|table", summary: "default: table" }, JSON_OUT, HELP],
    examples: ["pawl plan graph order.yaml --format mermaid"],
    load: async () => (await import("./verbs/plan-graph.ts")).performPlanGraph,
  },
  {
    name: "runs ls",
    usage: "runs ls [--state STATE] [--plan NAME] [--tag TAG] [--limit N]",
    arguments: [],
    summary: "list runs, newest first",
    options: [
      { name: "state", value: "STATE", isMany: true, summary: "only runs in this state; may be repeated" },
      { name: "plan", value: "NAME", summary: "only runs of this plan" },
      { name: "tag", value: "TAG", isMany: true, summary: "only runs with this tag; may be repeated" },
      { name: "limit", value: "N", summary: "at most so many (default 100)" },
      ...READS,
    ],
    examples: ["pawl runs ls --state failed --state rollback-stuck"],
    load: async () => (await import("./verbs/runs-ls.ts")).performRunsLs,
  },
  {
    name: "runs show",
    usage: "runs show ID",
    arguments: ["ID"],
    summary: "show a run, node by node",
    options: READS,
    examples: ["pawl runs show order-42"],
    load: async () => (await import("./verbs/runs-show.ts")).performRunsShow,
  },
  {
    name: "runs events",
    usage: "runs events ID [--from N] [--follow]",
    arguments: ["ID"],
    summary: "print a run's journal; with --json one event a line",
    options: [
      { name: "from", value: "N", summary: "from this sequence number on (default 1)" },
      { name: "follow", summary: "keep printing until the run has ended" },
      ...READS,
    ],
    examples: ["pawl runs events order-42 --json | jq .event.type"],
    load: async () => (await import("./verbs/runs-events.ts")).performRunsEvents,
  },
  {
    name: "resume",
    usage: "resume [ID]",
    arguments: ["[ID]"],
    summary: "take up the unfinished runs of the folder, or one; lets a suspended one go on",
    options: [BY, ...WORKS],
    examples: ["pawl resume", "pawl resume order-42"],
    load: async () => (await import("./verbs/resume.ts")).performResume,
  },
  {
    name: "inbox",
    usage: "inbox",
    arguments: [],
    summary: "list the questions that wait for someone, oldest first",
    options: READS,
    examples: ["pawl inbox"],
    load: async () => (await import("./verbs/inbox.ts")).performInbox,
  },
  {
    name: "answer",
    usage: "answer WAIT VALUE [--by NAME]",
    arguments: ["WAIT", "VALUE"],
    summary: "answer a question: JSON, or yes or no; without an owner the run is carried on here",
    options: [BY, ...WORKS],
    examples: ["pawl answer order-42:big-order:1 yes"],
    load: async () => (await import("./verbs/answer.ts")).performAnswer,
  },
  {
    name: "cancel",
    usage: "cancel ID",
    arguments: ["ID"],
    summary: "undo what a run has done, then stop it",
    options: [{ name: "why", value: "TEXT", summary: "the reason, for the journal" }, BY, ...WORKS],
    examples: ["pawl cancel order-42"],
    load: async () => (await import("./verbs/orders.ts")).performCancel,
  },
  {
    name: "rollback",
    usage: "rollback ID",
    arguments: ["ID"],
    summary: "undo what a run has done, also after it has ended",
    options: [{ name: "why", value: "TEXT", summary: "the reason, for the journal" }, BY, ...WORKS],
    examples: ["pawl rollback order-42"],
    load: async () => (await import("./verbs/orders.ts")).performRollback,
  },
  {
    name: "retry",
    usage: "retry ID",
    arguments: ["ID"],
    summary: "try stuck undos again, or the failed nodes of a run that failed",
    options: [BY, ...WORKS],
    examples: ["pawl retry order-42"],
    load: async () => (await import("./verbs/orders.ts")).performRetry,
  },
  {
    name: "fork",
    usage: "fork ID --from NODE [--id ID] [--tag TAG]",
    arguments: ["ID"],
    summary: "begin a run with what another has finished, from a node on",
    options: [
      { name: "from", value: "NODE", summary: "this node and all that depends on it go again (required)" },
      { name: "id", value: "ID", summary: "name of the new run (default: a fresh one)" },
      { name: "tag", value: "TAG", isMany: true, summary: "tag of the new run; may be repeated" },
      ...WORKS,
    ],
    examples: ["pawl fork order-42 --from ship --id order-42b"],
    load: async () => (await import("./verbs/orders.ts")).performFork,
  },
  {
    name: "verify",
    usage: "verify [ID]",
    arguments: ["[ID]"],
    summary: "check every journal of the folder, or one, against all that is promised",
    options: READS,
    examples: ["pawl verify"],
    load: async () => (await import("./verbs/verify.ts")).performVerify,
  },
  {
    name: "doctor",
    usage: "doctor",
    arguments: [],
    summary: "check Node, SQLite, the state folder, the disk and the configuration",
    options: READS,
    examples: ["pawl doctor"],
    load: async () => (await import("./verbs/doctor.ts")).performDoctor,
  },
];

/** Bare `pawl`. */
export const OVERVIEW: Verb = {
  name: "",
  usage: "",
  arguments: [],
  summary: "show what is in this folder",
  options: READS,
  examples: [],
  load: async () => (await import("./verbs/overview.ts")).performOverview,
};
