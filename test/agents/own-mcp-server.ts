/** Offers two tools over pipes with `serveMcp`, as `pawl mcp serve` does. Ends when its client is gone. */
import { setTimeout as sleep } from "node:timers/promises";
import { PermanentError } from "../../src/base/index.ts";
import { serveMcp } from "../../src/tools/mcp/serve.ts";
import type { McpService } from "../../src/tools/mcp/served.ts";

/** A service with a tool that adds, one that fails, and one that waits until it is cancelled. `onCancel`: it was. */
export function toOwnService(onCancel: () => void = () => {}): McpService {
  const numbers = {
    type: "object",
    properties: { a: { type: "number" }, b: { type: "number" } },
    required: ["a", "b"],
  };
  const anything = { type: "object" };
  return {
    name: "own",
    version: "1.2.3",
    tools: [
      { name: "add", description: "Adds two numbers.", inputSchema: numbers, annotations: { readOnlyHint: true } },
      { name: "structure", description: "Gives its input.", inputSchema: numbers, outputSchema: numbers },
      { name: "fail", description: "Fails.", inputSchema: anything },
      { name: "wait", description: "Waits for ever.", inputSchema: anything },
      { name: "key", description: "Tells the key.", inputSchema: anything },
    ],
    call: async (name, input, { signal, progress, key }) => {
      if (name === "add") return Number(input["a"]) + Number(input["b"]);
      if (name === "structure") return input;
      if (name === "key") return key ?? null;
      if (name === "fail") throw new PermanentError("SHOP_CLOSED", "The shop is closed.");
      for (const step of [1, 2, 2, 3]) progress(step, 3, "waiting");
      await sleep(60_000, undefined, { signal }).catch(onCancel);
      return "stopped";
    },
  };
}

if (import.meta.main) {
  const serving = await serveMcp(toOwnService(), { type: "stdio" });
  await serving.closed;
}
