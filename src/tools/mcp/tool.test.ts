import { expect, it } from "vitest";
import type { JsonObject } from "../../base/index.ts";
import { readListing, type McpTool } from "./tool.ts";

const object = { type: "object" };

function read(tool: JsonObject): McpTool {
  const { tools, refused } = readListing([{ name: "t", inputSchema: object, ...tool }]);
  const [one] = tools.values();
  if (one === undefined) throw new Error(refused[0]?.reason ?? "nothing");
  return one;
}

function reasonFor(tool: unknown): string {
  const { tools, refused } = readListing([tool]);
  expect(tools.size).toBe(0);
  expect(refused).toMatchObject([{ code: "MCP_TOOL_UNUSABLE" }]);
  return refused[0]?.reason ?? "";
}

it("keeps what models are told, with everything visible", async () => {
  const properties = { a: { type: "string", description: "An\u200B a." } };
  const tool = read({ description: "Do\u202E it.", inputSchema: { ...object, properties, required: ["a"] } });
  expect(tool.description).toBe("Do[U+202E] it.");
  expect(tool.inputSchema["properties"]).toEqual({ a: { type: "string", description: "An[U+200B] a." } });
  expect(await tool.input["~standard"].validate({ a: "x" })).toEqual({ value: { a: "x" } });
  expect(await tool.input["~standard"].validate({})).toHaveProperty("issues");
  expect(read({}).output).toBe(undefined);
  expect(read({ outputSchema: object }).output).toBeDefined();
});

it("changes its hash with every word that a model or a person is told, and with nothing else", () => {
  const before = read({ description: "A." }).hash;
  expect(before).toMatch(/^[0-9a-f]{64}$/u);
  const others = [
    { description: "A.\u200B" },
    { description: "A.", title: "T" },
    { description: "A.", inputSchema: { ...object, description: "x" } },
    { description: "A.", outputSchema: object },
    { description: "A.", annotations: { readOnlyHint: true } },
  ];
  expect(new Set([before, ...others.map((tool) => read(tool).hash)]).size).toBe(others.length + 1);
  expect(read({ description: "A.", _meta: { a: 1 }, icons: [] }).hash).toBe(before);
  expect(readListing([{ inputSchema: object, description: "A.", name: "t" }]).tools.get("t")?.hash).toBe(before);
});

it.each<[string, unknown, string]>([
  ["no name", { inputSchema: object }, "a name"],
  ["a name that looks like another", { name: "rеad", inputSchema: object }, "a name"], // the e is Cyrillic
  ["no object", 7, "an object"],
  ["no schema", { name: "t" }, "inputSchema"],
  ["a pattern that hangs", { name: "t", inputSchema: { ...object, pattern: "(a+)+$" } }, "can't hang"],
  ["a schema from elsewhere", { name: "t", inputSchema: { $ref: "https://evil.example" } }, "$ref"],
  ["a long description", { name: "t", description: "x".repeat(20_000), inputSchema: object }, "16384"],
  ["a large schema", { name: "t", inputSchema: { ...object, $comment: "x".repeat(300_000) } }, "JSON_TOO_LARGE"],
  ["a hidden name of a property", { name: "t", inputSchema: { properties: { "a\u200B": true } } }, "a[U+200B]"],
  ["a hidden choice", { name: "t", inputSchema: { ...object, enum: ["a\u202E"] } }, "a[U+202E]"],
  ["a task", { name: "t", inputSchema: object, execution: { taskSupport: "required" } }, "MCP task"],
])("refuses %s", (_, tool, part) => {
  expect(reasonFor(tool)).toContain(part);
});

it("takes what libraries write: a format and its own expression for it", () => {
  const email = { type: "string", format: "email", pattern: "^(a+)+$" };
  expect(read({ inputSchema: { ...object, properties: { email } } }).inputSchema).toEqual({
    ...object,
    properties: { email: { type: "string", format: "email" } },
  });
});

it("refuses all tools of one name, and of names that a model could confuse", () => {
  const listed = ["a.b", "a_b", "A-B", "c", "d", "d"].map((name) => ({ name, inputSchema: object }));
  const { tools, refused } = readListing(listed);
  expect([...tools.keys()]).toEqual(["c"]);
  expect(refused.map(({ tool, code }) => `${tool} ${code}`)).toEqual([
    "a.b TOOL_NAME_TAKEN",
    "a_b TOOL_NAME_TAKEN",
    "A-B TOOL_NAME_TAKEN",
    "d TOOL_NAME_TAKEN",
  ]);
});
