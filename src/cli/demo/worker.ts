import { join } from "node:path";
import { AgentExecutor, loadPlan } from "../../index.ts";
import { shopActions } from "./actions.ts";
import { COMPLAINT, demoClerk, playClerk } from "./clerk.ts";
import { openShop } from "./shop.ts";

/*
 * The worker of the demo, a process of its own so that it can be killed:
 *   worker DIR start '{"order":...}' [slow]    starts an order and works until it has ended
 *   worker DIR agent ID [slow]                  gives the clerk a complaint, and works until it is settled
 *   worker DIR recover                          takes up what a dead worker left
 */
const [dir = ".pawl", verb = "recover", input = "{}", pace = ""] = process.argv.slice(2);
const shop = openShop(join(dir, "demo"));
{
  const actions = shopActions(shop, pace === "slow");
  const clerk = demoClerk(playClerk(join(dir, "demo"), pace === "slow"), actions);
  await using executor = await AgentExecutor.open({ dir, use: [...actions, clerk] });
  if (verb === "start") {
    const plan = await loadPlan(join(dir, "demo", "order.yaml"));
    const order: { readonly order: string } = JSON.parse(input);
    const run = await executor.start(plan, { id: order.order, input: order, tags: ["demo"] });
    await run.result();
  }
  if (verb === "agent") {
    const run = await executor.start(clerk, { id: input, input: { goal: COMPLAINT }, tags: ["demo"] });
    await run.result();
  }
  for (const id of executor.recovered) await (await executor.run(id)).result();
}
shop.close();
