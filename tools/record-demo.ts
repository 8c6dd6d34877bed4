/**
 * `npm run record:demo`: records the conversation of the demo's agent anew, from replies that are written here. To be run
 * when the clerk's instructions or tools have changed: a recording answers only the very requests that it was made of.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shopActions } from "../src/cli/demo/actions.ts";
import { COMPLAINT, demoClerk } from "../src/cli/demo/clerk.ts";
import { openShop } from "../src/cli/demo/shop.ts";
import { AgentExecutor } from "../src/index.ts";
import { recordedModel, scriptedModel, type ScriptedReply } from "../src/models/index.ts";
import { ROOT } from "./lib/paths.ts";

const REPLIES: readonly ScriptedReply[] = [
  {
    text: "First what the cups cost, and whether eve is a member.",
    calls: [
      { id: "call-1", tool: "shop.price", input: { sku: "cup", quantity: 3 } },
      { id: "call-2", tool: "shop.customer", input: { email: "eve@coffee.club" } },
    ],
  },
  { calls: [{ id: "call-3", tool: "shop.points", input: { email: "eve@coffee.club", cents: 2_970 } }] },
  { text: "Dear Eve, we are sorry about the cups. 29 points, worth 29.70 EUR, are on your card. Your coffee shop" },
];

const dir = await mkdtemp(join(tmpdir(), "pawl-record-"));
const file = join(dir, "clerk.cassette.jsonl");
const shop = openShop(dir);
const actions = shopActions(shop, false);
const clerk = demoClerk(recordedModel(file, { model: scriptedModel(REPLIES) }), actions);
{
  await using executor = await AgentExecutor.open({ dir: join(dir, "state"), use: [clerk] });
  const result = await (await executor.start(clerk, { input: { goal: COMPLAINT } })).result();
  if (result.tag !== "succeeded") throw new Error(JSON.stringify(result));
}
shop.close();
const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
const text = lines.map((line) => `  ${JSON.stringify(`${line}\n`)},`).join("\n");
const page = `/** Made by \`npm run record:demo\`. */\nexport const CASSETTE: string = [\n${text}\n].join("");\n`;
await writeFile(join(ROOT, "src", "cli", "demo", "clerk-cassette.ts"), page);
await rm(dir, { recursive: true, force: true });
console.log(`recorded ${lines.length} replies`);
