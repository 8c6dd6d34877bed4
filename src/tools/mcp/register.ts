import { PermanentError, RuntimeFailure, toExcerpt } from "../../base/index.ts";
import type { McpOptions, McpRefusal } from "./options.ts";
import type { PinStore } from "./pins.ts";
import type { McpListing, McpTool } from "./tool.ts";

type Verdict = "approved" | "new" | "changed";

/**
 * The tools of one server, and which of them their owner has approved.
 *
 * 1. A tool is approved when its hash is the pinned one; from the moment that another is listed it is refused.
 * 2. Its owner is asked once for each hash; an answer for a hash that is no longer listed approves nothing.
 */
export class ToolRegister {
  readonly #server: string;
  readonly #pins: PinStore;
  readonly #options: Pick<McpOptions, "approve" | "trustFirst">;
  #tools: ReadonlyMap<string, McpTool> = new Map();
  #unusable: readonly McpRefusal[] = [];
  readonly #verdicts = new Map<string, Verdict>();
  readonly #asked = new Map<string, string>();
  readonly #faults = new Map<string, string>();
  readonly #open = new Set<Promise<void>>();

  constructor(server: string, pins: PinStore, options: Pick<McpOptions, "approve" | "trustFirst">) {
    this.#server = server;
    this.#pins = pins;
    this.#options = options;
  }

  /** Takes over what the server lists now. Answers that come at once count at once; the others are waited for by `settle`. */
  async update({ tools, refused }: McpListing): Promise<void> {
    const pins = await this.#pins.read();
    this.#tools = tools;
    this.#unusable = refused;
    this.#verdicts.clear();
    const asked: Promise<void>[] = [];
    for (const tool of tools.values()) {
      const pin = pins.get(this.#key(tool));
      this.#verdicts.set(tool.name, pin === tool.hash ? "approved" : pin === undefined ? "new" : "changed");
      if (pin !== tool.hash && this.#asked.get(tool.name) !== tool.hash) asked.push(this.#ask(tool, pin));
    }
    await Promise.all(asked);
  }

  /** Waits for every answer that is still open. */
  async settle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /** Forgets who was asked, so that the next listing asks again. */
  forgetAnswers(): void {
    this.#asked.clear();
  }

  /** Names of all tools that the server lists, approved or not. */
  listed(): readonly string[] {
    return [...this.#tools.keys(), ...this.#unusable.map(({ tool }) => tool)];
  }

  approved(): readonly McpTool[] {
    return [...this.#tools.values()].filter(({ name }) => this.#verdicts.get(name) === "approved");
  }

  refused(): readonly McpRefusal[] {
    const waiting = [...this.#tools.keys()].map((name) => this.#toRefusal(name)).filter((one) => one !== undefined);
    return [...this.#unusable, ...waiting];
  }

  /** @throws {PermanentError} MCP_TOOL_NEW, MCP_TOOL_CHANGED, MCP_TOOL_UNUSABLE, MCP_TOOL_GONE, TOOL_NAME_TAKEN */
  require(name: string): McpTool {
    const refusal = this.#unusable.find(({ tool }) => tool === name) ?? this.#toRefusal(name);
    const tool = this.#tools.get(name);
    if (refusal === undefined && tool !== undefined) return tool;
    const { code, reason } = refusal ?? { code: "MCP_TOOL_GONE", reason: "The server lists no such tool any more." };
    throw new PermanentError(code, `${this.#server}.${name} is refused; nothing was done. ${reason}`);
  }

  #key({ name }: McpTool): string {
    return `${this.#server}.${name}`;
  }

  #toRefusal(name: string): McpRefusal | undefined {
    const verdict = this.#verdicts.get(name);
    if (verdict === undefined || verdict === "approved") return undefined;
    const fault = this.#faults.get(name);
    const isNew = verdict === "new";
    const what = isNew ? "It was never approved." : "Its description or schema is not the one that was approved.";
    const fix = fault ?? "Read what it says now and approve it, or go on without it.";
    return { tool: name, code: isNew ? "MCP_TOOL_NEW" : "MCP_TOOL_CHANGED", reason: `${what} ${fix}` };
  }

  async #ask(tool: McpTool, approved: string | undefined): Promise<void> {
    this.#asked.set(tool.name, tool.hash);
    const answer = this.#answerFor(tool, approved);
    if (typeof answer === "boolean") return await this.#settleFor(tool, answer);
    const open = answer.then(
      async (isApproved) => await this.#settleFor(tool, isApproved),
      (error: unknown) => this.#note(tool, error),
    );
    this.#open.add(open);
    void open.finally(() => this.#open.delete(open));
  }

  #answerFor(tool: McpTool, approved: string | undefined): boolean | Promise<boolean> {
    const kind = approved === undefined ? "new" : "changed";
    if (kind === "new" && this.#options.trustFirst === true) return true;
    const { name, description, inputSchema: input, hash } = tool;
    try {
      const change = { server: this.#server, tool: name, kind, description, input, hash, approved } as const;
      return this.#options.approve?.(change) ?? false;
    } catch (error) {
      this.#note(tool, error);
      return false;
    }
  }

  async #settleFor(tool: McpTool, isApproved: boolean): Promise<void> {
    if (!isApproved || this.#tools.get(tool.name)?.hash !== tool.hash) return;
    try {
      await this.#pins.write(this.#key(tool), tool.hash);
      if (this.#tools.get(tool.name)?.hash === tool.hash) this.#verdicts.set(tool.name, "approved");
      this.#faults.delete(tool.name);
    } catch (error) {
      this.#note(tool, error);
    }
  }

  /** An approval that failed must be seen by whoever wonders why the tool is refused. */
  #note(tool: McpTool, error: unknown): void {
    const words = RuntimeFailure.is(error) || error instanceof Error ? error.message : String(error);
    this.#faults.set(tool.name, `The approval failed: ${toExcerpt(words, 500)}`);
    this.#asked.delete(tool.name);
  }
}
