import { createInterface } from "node:readline";
import { byOf } from "../by.ts";
import { dirFlag, quote } from "../advice.ts";
import { readLine } from "../agents/ask-here.ts";
import { carryOut, exitForAgent, toAgentOut } from "../agents/carry-out.ts";
import { demandModels } from "../agents/check-model.ts";
import { chooseSettings } from "../agents/choose-settings.ts";
import {
  freshName,
  lastStanding,
  readConversation,
  remembered,
  tagOf,
  usedByAll,
  type Conversation,
} from "../agents/conversation.ts";
import { AGENT } from "../agents/kit.ts";
import { createScreen } from "../agents/screen.ts";
import type { AgentSettings } from "../agents/settings.ts";
import { startAgent } from "../agents/start-agent.ts";
import { tellUsed } from "../agents/usage.ts";
import type { CliContext } from "../context.ts";
import { atDesk, type Desk } from "../desk.ts";
import { EXIT } from "../exit-codes.ts";
import { follow } from "../follow.ts";
import { isOpenTag } from "../standing.ts";
import { oneLine, toJsonText } from "../text.ts";
import { paintTag } from "../words.ts";

interface Chat {
  readonly context: CliContext;
  readonly desk: Desk;
  readonly settings: AgentSettings;
  /** The folder is the memory: read anew after each turn. */
  conversation: Conversation;
  /** The code of the turn that most needs someone. */
  code: number;
}

/** `pawl chat`: each line is a run. */
export function performChat(context: CliContext): Promise<number> {
  return atDesk(context, { mustExist: false }, async (desk) => {
    const conversation = await readConversation(desk, context.options.text("id") ?? freshName());
    const settings = await chooseSettings(context, desk.config, { before: conversation.settings });
    await demandModels(settings.models, context.env, desk.interrupt.signal);
    const chat: Chat = { context, desk, settings, conversation, code: EXIT.ok };
    context.say(
      `conversation ${oneLine(conversation.id)} with ${settings.models.map(oneLine).join(", ")}; /help lists the commands`,
    );
    try {
      await goOn(chat);
      return await talk(chat);
    } finally {
      const at = `${quote(chat.conversation.id)}${dirFlag(desk.folder)}`;
      if (chat.conversation.turns.length > 0) context.say(`go on with: pawl chat --id ${at}`);
    }
  });
}

/** A turn that was left unfinished comes first. */
async function goOn(chat: Chat): Promise<void> {
  const last = chat.conversation.turns.at(-1);
  if (last === undefined || !isOpenTag(last.tag)) return;
  chat.context.say(`the last turn is not finished: ${oneLine(last.goal)}`);
  await finishTurn(chat, last.run);
}

async function talk(chat: Chat): Promise<number> {
  const { context, desk } = chat;
  for await (const line of linesOf(context, desk)) {
    const text = line.trim();
    if (text === "") continue;
    if (text === "/quit" || text === "/exit") break;
    if (text.startsWith("/")) await command(chat, text);
    else await turn(chat, text);
    if (chat.code === EXIT.waits && !context.isInteractive) break;
  }
  if (desk.interrupt.signal.aborted) return EXIT.interrupted;
  return context.isInteractive ? EXIT.ok : chat.code;
}

/** What is typed, a prompt before each; or what comes through a pipe, line by line. */
async function* linesOf({ isInteractive }: CliContext, desk: Desk): AsyncGenerator<string> {
  if (!isInteractive) {
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
      if (desk.interrupt.signal.aborted) return;
      yield line;
    }
    return;
  }
  for (;;) {
    desk.interrupt.talk({ say: () => {}, describe: () => [] });
    const line = await readLine("> ", desk.interrupt.signal);
    if (line === undefined) return;
    yield line;
  }
}

async function turn(chat: Chat, goal: string): Promise<void> {
  const { desk, settings, conversation } = chat;
  const { id, turns } = conversation;
  const run = await startAgent(desk, {
    name: AGENT,
    settings,
    goal,
    turns: remembered(turns),
    id: `${id}-${turns.length + 1}`,
    tags: [tagOf(id)],
  });
  await finishTurn(chat, run.id);
}

async function finishTurn(chat: Chat, run: string): Promise<void> {
  const { context, desk, conversation } = chat;
  const outcome = await carryOut(context, desk, run);
  if (context.isJson) context.write(toJsonText(toAgentOut(outcome)));
  const code = exitForAgent(outcome);
  if (code !== EXIT.ok) chat.code = code;
  chat.conversation = await readConversation(desk, conversation.id);
}

const HELP = [
  "/undo  takes back what the last turn did",
  "/cost  what the conversation has used",
  "/quit  ends it; `pawl chat --id` goes on with it later",
] as const;

async function command(chat: Chat, text: string): Promise<void> {
  const { say } = chat.context;
  if (text === "/cost") return say(tellUsed(usedByAll(chat.conversation.turns)));
  if (text === "/undo") return undo(chat);
  if (text !== "/help") say(`there is no ${oneLine(text)}`);
  for (const line of HELP) say(line);
}

async function undo(chat: Chat): Promise<void> {
  const { context, desk, conversation } = chat;
  const last = lastStanding(conversation.turns);
  if (last === undefined) return context.say("there is nothing to undo");
  const run = await desk.client().run(last.run);
  if (isOpenTag(last.tag)) await run.cancel(byOf(context));
  else await run.rollback(byOf(context));
  const screen = createScreen(context);
  const onReport = async (report: Parameters<typeof screen.begin>[0]): Promise<void> => screen.begin(report, undefined);
  const { report } = await follow(desk, last.run, {
    view: screen,
    onReport,
    mayWait: false,
    signal: desk.interrupt.signal,
  });
  screen.end();
  context.say(`${paintTag(report.tag, context.stderr.paint)}  ${oneLine(last.goal)}`);
  for (const { node, why } of report.end?.notUndone ?? [])
    context.say(`  not undone: ${oneLine(node)}: ${oneLine(why)}`);
  chat.conversation = await readConversation(desk, conversation.id);
}
