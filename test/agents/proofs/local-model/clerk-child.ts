/** `clerk-child.ts DIR URL GOAL`: does one task on the real model, and says which step each piece belongs to. */
import { writeSync } from "node:fs";
import { AgentExecutor } from "../../../../src/index.ts";
import { createClerk } from "./clerk.ts";

const [dir = "", url = "", goal = ""] = process.argv.slice(2);
const clerk = createClerk(url);
const executor = await AgentExecutor.open({
  dir,
  use: [clerk],
  onPiece: ({ node }) => writeSync(1, `piece of ${node}\n`),
});
const run = await executor.start(clerk, { id: "killed", input: { goal } });
await run.result();
await executor.close();
