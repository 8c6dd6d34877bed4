import type { AttemptContext } from "../../action/index.ts";
import { CancelledError, hideSecrets, isJsonObject, PermanentError, type Json } from "../../base/index.ts";
import { isSessionUnknown, toFailure, type Failing } from "./failure.ts";
import { openLink, type Link } from "./link.ts";
import type { McpOptions, McpTarget } from "./options.ts";
import { openPins } from "./pins.ts";
import { ToolRegister } from "./register.ts";
import { toOutput } from "./result.ts";
import { isUnsent } from "./stdio-transport.ts";
import type { McpTool } from "./tool.ts";

const DEFAULT_CONNECT_MS = 30_000;

/**
 * A server, over all the sessions that it takes to talk to it.
 *
 * 1. A session that is lost is opened again by the next call, which lists the tools and checks the pins first.
 * 2. A call is sent once. It is sent again, once, only when the server can't have begun it: it could not be written to
 *    the end, or the server said that it does not know the session. A call without an answer is in doubt and ends.
 * 3. No call goes out while a change of the tools is being looked at.
 */
export class McpSession {
  readonly register: ToolRegister;
  readonly #target: McpTarget;
  readonly #options: McpOptions;
  #link: Link | undefined;
  #opening: Promise<Link> | undefined;
  #listing: Promise<void> = Promise.resolve();
  #isClosed = false;
  #calls = 0;

  constructor(target: McpTarget, options: McpOptions) {
    this.#target = target;
    this.#options = options;
    this.register = new ToolRegister(target.name, openPins(options.pins ?? new Map()), options);
  }

  /** The process of the server, where it is one and runs. */
  get pid(): number | undefined {
    return this.#link?.isOpen() === true ? this.#link.pid() : undefined;
  }

  /** Connects, and waits until every tool that is not approved has been asked for. */
  async start(): Promise<void> {
    await this.#open();
    await this.register.settle();
  }

  /** Connects if need be, and asks for every tool that is not approved, also those that were refused before. */
  async review(): Promise<void> {
    const link = await this.#open();
    this.register.forgetAnswers();
    await this.#relist(link);
    await this.register.settle();
  }

  /** Calls a tool for an attempt. */
  async call(tool: McpTool, isQuery: boolean, context: AttemptContext<Json>): Promise<Json> {
    const { signal } = context;
    const action = `${this.#target.name}.${tool.name}`;
    const failing: Failing = { who: action, call: { isQuery, signal }, hide: this.#hide };
    const input = isJsonObject(context.input) ? context.input : {};
    const isStructured = tool.output !== undefined;
    for (let round = 0; ; round += 1) {
      const link = await this.#ready(tool.name, context);
      this.#calls += 1;
      try {
        const onProgress = context.alive;
        const result = await link.call({ tool: tool.name, input, key: context.key, signal, onProgress });
        return toOutput(result, {
          action,
          isStructured,
          isQuery,
          output: this.#options.output ?? {},
          hide: this.#hide,
        });
      } catch (error) {
        const isUndone = isUnsent(error) || (link.hasSession() && isSessionUnknown(error));
        if (isUndone || !link.isOpen()) this.#drop(link);
        if (!isUndone || round > 0 || signal.aborted) throw toFailure(error, failing, link.lastWords());
      } finally {
        this.#calls -= 1;
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opening?.catch(() => undefined);
    await this.#link?.close();
  }

  /** Gives an open session whose tools have been looked at. Only this wait ends on abort; the session is shared. */
  async #ready(tool: string, { signal }: AttemptContext<Json>): Promise<Link> {
    const work = async (): Promise<Link> => {
      const link = await this.#openLiving();
      await this.#listing;
      this.register.require(tool);
      return link;
    };
    try {
      return await orAbort(work(), signal);
    } catch (error) {
      if (!signal.aborted) throw toFailure(error, { who: this.#target.name, call: undefined, hide: this.#hide });
      const message = `Asked to stop before ${this.#target.name}.${tool} was called; nothing was done.`;
      throw new CancelledError("MCP_NOT_STARTED", message, { cause: error });
    }
  }

  /** A call on a connection whose other end is gone would be in doubt for nothing. */
  async #openLiving(): Promise<Link> {
    const link = await this.#open();
    if (this.#calls > 0 || (await link.isAlive())) return link;
    this.#drop(link);
    return await this.#open();
  }

  async #open(): Promise<Link> {
    if (this.#isClosed) {
      throw new PermanentError("MCP_CLOSED", `The connection to ${this.#target.name} was closed; connect again.`);
    }
    const link = this.#link;
    if (link !== undefined && (link.isUsable() || (link.isOpen() && this.#calls > 0))) return link;
    if (link !== undefined) this.#drop(link);
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return await this.#opening;
  }

  async #connect(): Promise<Link> {
    const failing: Failing = { who: this.#target.name, call: undefined, hide: this.#hide };
    let link: Link | undefined;
    const onChanged = (): void => {
      // Before the session is open there is nothing to look at again: its first list is yet to come.
      if (link !== undefined) void this.#relist(link).catch(() => link !== undefined && this.#drop(link));
    };
    try {
      const connectMs = this.#options.limits?.connectMs ?? DEFAULT_CONNECT_MS;
      const toFault = (error: unknown, lastWords: string): Error => toFailure(error, failing, lastWords);
      link = await openLink(this.#target, { connectMs, onChanged, toFault });
      await this.#relist(link);
    } catch (error) {
      await link?.close();
      throw toFailure(error, failing);
    }
    this.#link = link;
    return link;
  }

  /** One after the other, so that an older list never overtakes a newer one. */
  async #relist(link: Link): Promise<void> {
    const before = this.#listing.catch(() => undefined);
    const listing = before.then(async () => await this.register.update(await link.list()));
    this.#listing = listing;
    await listing;
  }

  #drop(link: Link): void {
    if (this.#link === link) this.#link = undefined;
    void link.close().catch(() => undefined);
  }

  readonly #hide = (text: string): string =>
    hideSecrets(text, ("url" in this.#target ? this.#target.headers : this.#target.env) ?? {});
}

async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(new Error("Asked to stop."));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    work.catch(() => undefined);
    aborted.promise.catch(() => undefined);
  }
}
