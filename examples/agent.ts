import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentExecutor, defineAction, defineQuery } from "pawl";
import { AutoGPT, PlanAndExecute } from "pawl/agents";
import { scriptedModel } from "pawl/models";
import { z } from "zod";
import { pay, shop } from "./shop.ts";

const dir = mkdtempSync(join(tmpdir(), "pawl-agent-"));
/** Without a key: replies that are written here. With one: PAWL_MODEL=openai:gpt-5, or http://127.0.0.1:8093/v1#NAME */
const model =
  process.env["PAWL_MODEL"] ??
  scriptedModel([
    { text: "Is there one left?", calls: [{ tool: "stock", input: { sku: "cup" } }] },
    { text: "Then I charge it.", calls: [{ tool: "charge", input: { order: "7", cents: 990 } }] },
    "Done: the cup is paid.",
  ]);

const stock = defineQuery("stock", {
  description: "How many pieces of an article are left.",
  input: z.object({ sku: z.string() }),
  output: z.object({ left: z.int() }),
  labels: { gives: ["untrusted"] }, // what others wrote; it follows the value wherever it goes
  run: ({ input }) => shop.left(input.sku),
});
const charge = defineAction("charge", {
  description: "Charges an order to its customer.",
  input: z.object({ order: z.string(), cents: z.int() }),
  output: z.object({ id: z.string() }),
  repeat: "keyed",
  undo: ({ output, key }) => pay.refund(output.id, key),
  labels: { refuses: ["untrusted"] }, // not without a person's word
  run: ({ input, key }) => pay.charge(input, key),
});

const clerk = AutoGPT("clerk", { model, tools: [stock, charge], budget: { usd: 0.5, steps: 30 } });

const plan = {
  name: "sell",
  nodes: {
    left: { uses: "stock", with: { sku: "cup" } },
    pay: { uses: "charge", with: { order: "8", cents: 990 }, when: "nodes.left.output.left > 0" },
  },
  output: "${nodes.pay.output.id}",
};
const planner = PlanAndExecute("planner", {
  model: process.env["PAWL_MODEL"] ?? scriptedModel([JSON.stringify(plan)]),
  tools: [stock, charge],
  approve: "plan", // a person sees the plan, its cost and what can't be undone, before anything runs
});

await using executor = await AgentExecutor.open({ dir, use: [clerk, planner] });
const ada = new AbortController();
const answering = answerAll(ada.signal);

const run = await executor.start(clerk, { id: "ticket-7", input: { goal: "Sell one cup to order 7." } });
const result = await run.result();
console.log(JSON.stringify(result, null, 2));
await run.rollback({ by: "ada", why: "the customer changed her mind" }); // an agent's work can be taken back
console.log((await run.result()).tag);

const second = await executor.start(planner, { id: "ticket-8", input: { goal: "Sell one cup to order 8." } });
console.log(JSON.stringify(await second.result(), null, 2));
ada.abort();
await answering;

/** Someone who allows everything, and says what. */
async function answerAll(signal: AbortSignal): Promise<void> {
  for await (const wait of executor.waits({ follow: true, signal })) {
    console.log("asked:", JSON.stringify(wait.show));
    await executor.answer(wait.wait, { by: "ada", value: true });
  }
}
