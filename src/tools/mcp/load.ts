import type * as ClientTypes from "@modelcontextprotocol/client";
import type * as ServerTypes from "@modelcontextprotocol/server";
import type * as StdioTypes from "@modelcontextprotocol/server/stdio";
import { InputError } from "../../base/index.ts";

/** The client library. */
export type ClientPackage = typeof ClientTypes;
/** The server library with its pipes. */
export type ServerPackage = typeof ServerTypes & typeof StdioTypes;

/**
 * Loads the MCP client when a server is first connected.
 *
 * @throws {InputError} MCP_PACKAGE when it is not installed.
 */
export async function loadClient(): Promise<ClientPackage> {
  return await load("@modelcontextprotocol/client", async () => await import("@modelcontextprotocol/client"));
}

/**
 * Loads the MCP server when tools are first offered.
 *
 * @throws {InputError} MCP_PACKAGE when it is not installed.
 */
export async function loadServer(): Promise<ServerPackage> {
  return await load("@modelcontextprotocol/server", async () => ({
    ...(await import("@modelcontextprotocol/server")),
    ...(await import("@modelcontextprotocol/server/stdio")),
  }));
}

/** Loads an optional package, or says how to install it. */
export async function load<Package>(name: string, bring: () => Promise<Package>): Promise<Package> {
  try {
    return await bring();
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
    const problem = isMissing ? "is not installed" : "could not be loaded";
    throw new InputError("MCP_PACKAGE", `The package ${name} ${problem}. Run: npm install ${name}`, { cause });
  }
}
