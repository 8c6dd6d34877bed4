/** `server-child.ts LOG`: the model's server, which lives on while the agent is killed; says its address. */
import { scriptedModel, serveModel } from "../../../../src/models/index.ts";
import { reply } from "./agent.ts";
import { note } from "./witness.ts";

const [log = ""] = process.argv.slice(2);
const model = scriptedModel(reply);
const server = await serveModel({
  ...model,
  generate: async (request, context) => {
    note(log, { key: context.key ?? "" });
    return await model.generate(request, context);
  },
});
console.log(server.url);
process.on("disconnect", () => process.exit());
