import type { AnyAction } from "../../action/index.ts";
import { InputError } from "../../base/index.ts";
import { findTargetFault } from "../net/target.ts";
import { checkCommand } from "../process/options.ts";
import { defineTool } from "./define-tool.ts";
import { checkToolNames } from "./names.ts";
import type { McpOptions, McpRefusal, McpTarget } from "./options.ts";
import { McpSession } from "./session.ts";

/** A connected MCP server. */
export interface McpConnection {
  readonly name: string;
  /** Its approved tools as actions, `NAME.TOOL`. Ask again after `review`, or after the server changed them. */
  readonly tools: readonly AnyAction[];
  /** Its tools that are not offered, and why. */
  readonly refused: readonly McpRefusal[];
  /** The server's process, where it is one that runs. */
  readonly pid: number | undefined;
  /** Lists the tools again and asks for each that is not approved, also those that were refused before. */
  readonly review: () => Promise<void>;
  /** Ends the session, and the server's process with all that it started. */
  readonly close: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/u;

/**
 * Connects an MCP server and makes actions of its tools.
 *
 * 1. A tool is offered when its owner has approved its description and schemas; one that changes is refused at once,
 *    also in a plan that runs, until it is approved again.
 * 2. The server is not believed: its tools are never repeated and can't be undone unless the owner says otherwise, what
 *    they give is `untrusted`, and what is `secret` goes to none unless a person allows it.
 * 3. A session that is lost comes back with the next call. A call that was under way is in doubt.
 *
 * @throws {InputError} MCP_OPTIONS, MCP_PACKAGE, MCP_PINS; {TransientError} MCP_UNREACHABLE; {PermanentError}
 *   MCP_REFUSED, PROCESS_NOT_FOUND.
 * @see https://modelcontextprotocol.io/specification/2025-11-25
 */
export async function connectMcp(target: McpTarget, options: McpOptions = {}): Promise<McpConnection> {
  checkTarget(target);
  const session = new McpSession(target, options);
  const { name } = target;
  try {
    await session.start();
    checkNatures(target.name, options, session.register.listed());
  } catch (error) {
    await session.close();
    throw error;
  }
  const toTools = (): readonly AnyAction[] => {
    const tools = session.register.approved().map((tool) => defineTool(tool, session, { ...options, name }));
    checkToolNames(tools);
    return tools;
  };
  const close = async (): Promise<void> => await session.close();
  return {
    name,
    get tools() {
      return toTools();
    },
    get refused() {
      return session.register.refused();
    },
    get pid() {
      return session.pid;
    },
    review: async () => await session.review(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function checkTarget(target: McpTarget): void {
  if (!NAME.test(target.name)) {
    throw wrong("name", "a letter, then up to 63 letters, digits, _ and -", JSON.stringify(target.name));
  }
  if ("command" in target) {
    checkCommand(target.command, `${target.name}.command`);
    return;
  }
  const url = URL.parse(target.url);
  const fault = url === null ? "no URL" : findTargetFault(url);
  if (fault !== undefined) throw wrong("url", "an http or https URL without user or password", fault);
}

/** A slip in a tool's name would leave it with a nature that nobody meant. */
function checkNatures(server: string, { natures = {} }: McpOptions, listed: readonly string[]): void {
  const unknown = Object.keys(natures).filter((tool) => !listed.includes(tool));
  if (unknown.length === 0) return;
  throw wrong("natures", `tools that ${server} lists (${listed.join(", ")})`, unknown.join(", "));
}

function wrong(path: string, expected: string, got: string): InputError {
  const fix = "Correct the options of the connection.";
  const problem = { code: "MCP_OPTIONS", path, expected, got, fix };
  const message = `The MCP server can't be connected: ${path}: expected ${expected}, got ${got}. ${fix}`;
  return new InputError("MCP_OPTIONS", message, { problems: [problem] });
}
