/** Every option of the classic runtimes has its line in docs/classic.md. The lists are those of their declarations, 1.0.50. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const OPTIONS = {
  AgentExecutor: `agent tools returnIntermediateSteps maxIterations earlyStoppingMethod handleParsingErrors
    handleToolRuntimeErrors memory verbose callbacks callbackManager tags metadata inputKeys outputKeys returnOnlyOutputs
    invoke call run stream streamLog streamEvents batch apply signal timeout shouldContinueGetter fromAgentAndTools
    initializeAgentExecutor initializeAgentExecutorWithOptions agentType agentArgs serialize deserialize`,
  PlanAndExecute: `planner stepExecutor stepContainer inputKey outputKey getDefaultPlanner getDefaultStepExecutor
    fromLLMAndTools llm humanMessageTemplate memory verbose callbacks callbackManager tags metadata`,
  AutoGPT: `aiName aiRole tools memory humanInTheLoop feedbackTool outputParser maxIterations chain fromLLMAndTools run
    sendTokenLimit tokenCounter nextActionCount fullMessageHistory textSplitter`,
} as const;

const text = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "classic.md"), "utf8");

/** Names in the first column of a section's table, and in the sentence before it. */
function namesIn(section: string): ReadonlySet<string> {
  const [, body = ""] = text.split(`\n## ${section}\n`);
  const [part = ""] = body.split("\n## ");
  const told = part.split("\n").map((line) => (line.startsWith("|") ? (line.split("|")[1] ?? "") : line));
  return new Set(told.flatMap((line) => [...line.matchAll(/`(\w+)/gu)].map(([, name = ""]) => name)));
}

describe.each(Object.entries(OPTIONS))("%s", (section, options) => {
  it("has a line for each option there", () => {
    const names = namesIn(section);
    expect(options.split(/\s+/u).filter((option) => !names.has(option))).toEqual([]);
  });

  it("says of each whether it is the same, renamed, always so or refused", () => {
    const [, body = ""] = text.split(`\n## ${section}\n`);
    const rows = (body.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| `"));
    const words = rows.map((row) => row.split("|")[2]?.trim());
    expect(words.filter((word) => !["same", "renamed", "always", "refused"].includes(word ?? ""))).toEqual([]);
  });
});
