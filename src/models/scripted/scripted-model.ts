import { PermanentError, type Json } from "../../base/index.ts";
import type { FinishReason, Model, ModelContext, ModelReply, ModelRequest, Price, Usage } from "../port.ts";
import type { Fault } from "./fault.ts";

/** What a scripted model answers: text, or parts; each part has a default. */
export type ScriptedReply =
  | string
  | {
      readonly text?: string;
      readonly reasoning?: string;
      readonly calls?: readonly {
        readonly tool: string;
        readonly input?: Json;
        readonly invalid?: string;
        readonly id?: string;
      }[];
      readonly finish?: FinishReason;
      /** Default: counted from the texts. */
      readonly usage?: Usage;
      readonly delayMs?: number;
      /** Between the pieces of the text, which are words. */
      readonly pieceMs?: number;
      /** Goes wrong instead; the rest of the reply is what had come before a `cut`. */
      readonly fault?: Fault;
      /**
       * The fault happens at the first so many calls for this very request in this process, then the reply comes.
       * Default: every time. The only thing that a scripted model remembers.
       */
      readonly times?: number;
    };

/** A reply for each turn, or a pure function of the request. Undefined: the script has no answer to that. */
export type Script = readonly ScriptedReply[] | ((request: ModelRequest) => ScriptedReply | undefined);

/** A scripted model counts what it is asked. */
export interface ScriptedModel extends Model {
  readonly calls: () => readonly ModelRequest[];
}

/** What may be said of a scripted model beside its script. */
export interface ScriptedOptions {
  /** Default `scripted:model`. */
  readonly name?: string;
  readonly price?: Price;
  readonly contextTokens?: number;
  /** Which reply of a list comes next. Default: the number of the assistant's messages in the request. */
  readonly position?: (request: ModelRequest) => number;
}

/** Who only imports the package does not pay for what plays. */
const loadPlayer = () => import("./play.ts");

/**
 * A model for tests that answers by a script, and fails where the script says so. What it answers depends on the
 * request alone, so that a run that is resumed, retried or forked gets the same answer again.
 */
export function scriptedModel(script: Script, options: ScriptedOptions = {}): ScriptedModel {
  const { name = "scripted:model", price, contextTokens, position = countTurns } = options;
  const asked: ModelRequest[] = [];
  const faults = new Map<string, number>();
  let player: ReturnType<typeof loadPlayer> | undefined;
  const isFaultDue = (request: ModelRequest, times: number): boolean => {
    const key = JSON.stringify(request);
    const before = faults.get(key) ?? 0;
    faults.set(key, before + 1);
    return before < times;
  };
  const generate = async (request: ModelRequest, context: ModelContext): Promise<ModelReply> => {
    asked.push(request);
    const found = typeof script === "function" ? script(request) : script[position(request)];
    if (found === undefined) throw toScriptEnded(name, request, script);
    const reply = typeof found === "string" ? { text: found } : found;
    const isFaulty = reply.fault !== undefined && isFaultDue(request, reply.times ?? Number.POSITIVE_INFINITY);
    player ??= loadPlayer();
    const { play } = await player;
    return await play({ ...reply, fault: isFaulty ? reply.fault : undefined }, { name, price, request, context });
  };
  return {
    name,
    ...(price !== undefined && { price }),
    ...(contextTokens !== undefined && { contextTokens }),
    generate,
    calls: () => asked,
  };
}

function countTurns({ messages }: ModelRequest): number {
  return messages.filter(({ role }) => role === "assistant").length;
}

function toScriptEnded(name: string, request: ModelRequest, script: Script): PermanentError {
  const turn = countTurns(request) + 1;
  const has = typeof script === "function" ? "its function gave none" : `its list has ${script.length}`;
  const fix = "Add a reply, or stop the conversation earlier.";
  return new PermanentError("MODEL_SCRIPT_ENDED", `Expected a reply of ${name} for turn ${turn}, but ${has}. ${fix}`);
}
