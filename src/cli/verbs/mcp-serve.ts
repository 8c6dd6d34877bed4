import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { InputError, PermanentError, toInputError, type Json, type JsonObject } from "../../base/index.ts";
import type { RunReport } from "../../plan/index.ts";
import { serveMcp, type McpPlace, type McpServing, type ServedCall } from "../../tools/index.ts";
import { toOffer, type Offer } from "../agents/served-tool.ts";
import { toStepGraph } from "../agents/step-graph.ts";
import { findTools, pinTool } from "../agents/tool-table.ts";
import { howToAnswer, quote, dirFlag } from "../advice.ts";
import { loadConfig } from "../config.ts";
import type { CliContext } from "../context.ts";
import { atDesk, type Desk } from "../desk.ts";
import { tellEvent } from "../event-line.ts";
import { EXIT } from "../exit-codes.ts";
import { follow } from "../follow.ts";
import { toOutcome } from "../outcome.ts";
import { badValue } from "../parse-arguments.ts";
import { oneLine, toJsonText } from "../text.ts";
import type { View } from "../view.ts";

/** `pawl mcp serve`: until the client goes, or someone says stop. */
export async function performMcpServe(context: CliContext): Promise<number> {
  const config = await loadConfig(context);
  const named = context.options.text("tools")?.split(",");
  const actions =
    named === undefined
      ? (config.use ?? []).filter(({ definition }) => definition.tag !== "by-node")
      : findTools(
          named.map((name) => pinTool(name, context.cwd)),
          config,
        );
  if (actions.length === 0) throw nothingToServe();
  const offers = new Map(actions.map((action) => [action.name, toOffer(action)]));
  const place = placeOf(context);
  // Who goes has not said that what it asked for is to be undone.
  const gone = new AbortController();
  if (place.type === "stdio") process.stdin.once("end", () => gone.abort());
  return atDesk(context, { mustExist: false }, async (desk) => {
    const service = {
      name: "pawl",
      version: readVersion(),
      tools: [...offers.values()].map(({ tool }) => tool),
      call: (name: string, input: JsonObject, call: ServedCall) =>
        answer(desk, { offers, name, input, call, gone: gone.signal }),
    };
    const serving = await serveMcp(service, place);
    tell(context, serving, service.tools.length);
    desk.interrupt.talk({ say: context.say, describe: () => ["stopping: calls that are out may end first"] });
    const stopped = new Promise<void>((resolve) => {
      desk.interrupt.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([serving.closed, stopped]);
    gone.abort();
    await serving.close();
    return desk.interrupt.signal.aborted ? EXIT.interrupted : EXIT.ok;
  });
}

function nothingToServe(): InputError {
  const fix = "Add actions to `use` in pawl.config.ts, or name some with --tools (`pawl tools ls`).";
  return toInputError("There is nothing to offer", [
    { code: "CLI_MISSING_ARGUMENT", path: "use", expected: "at least one action", got: "none", fix },
  ]);
}

const MOST_PORT = 65_535;

function placeOf({ options, env }: CliContext): McpPlace {
  const text = options.text("http");
  if (text === undefined) return { type: "stdio" };
  const port = text === "" ? undefined : Number(text);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= MOST_PORT))
    throw badValue("--http", {
      expected: `a port up to ${MOST_PORT}, or nothing`,
      got: text,
      fix: "Leave it out to take a free one.",
    });
  const token = env["PAWL_MCP_TOKEN"] ?? "";
  return { type: "http", ...(port !== undefined && { port }), ...(token !== "" && { token }) };
}

function tell({ isJson, write, say, env }: CliContext, { url, token }: McpServing, tools: number): void {
  if (url === undefined) return say(`offering ${tools} tools over stdin and stdout`);
  const isOwn = (env["PAWL_MCP_TOKEN"] ?? "") !== "";
  if (isJson) return write(toJsonText({ url, token: isOwn ? null : (token ?? null), tools }));
  say(`offering ${tools} tools at ${url}`);
  say(isOwn ? "token: that of PAWL_MCP_TOKEN" : `token: ${token ?? ""}`);
}

interface Asked {
  readonly offers: ReadonlyMap<string, Offer>;
  readonly name: string;
  readonly input: JsonObject;
  readonly call: ServedCall;
  /** Aborted when nobody is there any more. */
  readonly gone: AbortSignal;
}

/**
 * Does a call as a run. With a key it is the run of that key: asked again it gives the same, and a client that went away
 * finds it later. Without one, nobody can ask for it again: a call that is given up is cancelled, and so undone.
 */
async function answer(desk: Desk, { offers, name, input, call, gone }: Asked): Promise<Json> {
  const offer = offers.get(name);
  if (offer === undefined) throw new InputError("ACTION_MISSING", `There is no tool ${name}.`);
  const id = call.key === undefined ? undefined : toRunName(call.key);
  const run = await desk.client().start(toStepGraph(offer.action), {
    input: offer.toInput(input),
    tags: ["mcp"],
    ...(id !== undefined && { id }),
  });
  const giveUp = (): void => {
    if (id !== undefined || gone.aborted || desk.interrupt.signal.aborted) return;
    run.cancel({ by: "mcp", why: "the client gave the call up" }).catch(() => {}); // it may have ended by then
  };
  call.signal.addEventListener("abort", giveUp, { once: true });
  try {
    const onReport = async (): Promise<void> => {};
    const signal = AbortSignal.any([call.signal, desk.interrupt.signal]);
    const { report, standing } = await follow(desk, run.id, {
      view: createProgress(call),
      onReport,
      mayWait: false,
      signal,
    });
    return toAnswer(report, toOutcome(report, standing), { desk, waits: standing.waits });
  } finally {
    call.signal.removeEventListener("abort", giveUp);
  }
}

/** Run ids are narrower than keys. */
function toRunName(key: string): string {
  if (/^[\w.:-]{1,100}$/u.test(key)) return key;
  return `mcp-${createHash("sha256").update(key).digest("hex").slice(0, 32)}`;
}

function createProgress({ progress }: ServedCall): View {
  const event: View["event"] = ({ seq }, stored) => progress(seq, undefined, tellEvent(stored.event));
  return { begin: () => {}, event, say: () => {}, end: () => {} };
}

interface Rest {
  readonly desk: Desk;
  readonly waits: Parameters<typeof howToAnswer>[0];
}

function toAnswer(
  { run }: RunReport,
  { tag, output, why, notUndone }: ReturnType<typeof toOutcome>,
  { desk, waits }: Rest,
): Json {
  if (tag === "succeeded") return output;
  const at = dirFlag(desk.folder);
  // No failure: whoever takes it for one would do it again.
  if (tag === "waiting") {
    const after = `The run goes on after that; its result: pawl runs show ${quote(run)}${at}`;
    return [`Not done yet: it waits for a person.`, ...howToAnswer(waits, desk.folder), after].join("\n");
  }
  const left = notUndone.length === 0 ? "" : ` Not undone: ${notUndone.map(({ node }) => oneLine(node)).join(", ")}.`;
  throw new PermanentError("RUN_NOT_SUCCEEDED", `Run ${run} is ${tag}: ${why ?? "no reason given"}.${left}`);
}

function readVersion(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const { version }: { readonly version: string } = JSON.parse(text);
  return version;
}
