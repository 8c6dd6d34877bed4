import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPins } from "./pins.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pawl-pins-"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const hash = (letter: string): string => letter.repeat(64);

it("keeps every approval in one file that only its owner reads, also when they come at once", async () => {
  const file = join(folder, "pins.json");
  const pins = openPins(file);
  expect(await pins.read()).toEqual(new Map());
  await Promise.all(["a", "b", "c"].map(async (name) => await pins.write(`s.${name}`, hash(name))));
  await pins.write("s.a", hash("d"));
  const expected = new Map(Object.entries({ "s.a": hash("d"), "s.b": hash("b"), "s.c": hash("c") }));
  expect(await openPins(file).read()).toEqual(expected);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(["pins.json"]);
  expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ version: 1 });
});

it("keeps them in a map too", async () => {
  const map = new Map<string, string>();
  await openPins(map).write("s.a", hash("a"));
  expect(map).toEqual(new Map([["s.a", hash("a")]]));
  expect(await openPins(map).read()).toEqual(map);
});

it.each([
  ["no JSON", "{"],
  ["a list", "[]"],
  ["another version", '{"version":2,"tools":{}}'],
  ["what is no hash", '{"version":1,"tools":{"s.a":"yes"}}'],
  ["a name twice", `{"version":1,"tools":{"s.a":"${"a".repeat(64)}","s.a":"${"b".repeat(64)}"}}`],
])("refuses a file with %s, and leaves it as it is", async (_, text) => {
  const file = join(folder, "bad.json");
  await writeFile(file, text);
  await expect(openPins(file).read()).rejects.toMatchObject({ code: "MCP_PINS", failure: "input" });
  await expect(openPins(file).write("s.b", hash("b"))).rejects.toMatchObject({ code: "MCP_PINS" });
  expect(await readFile(file, "utf8")).toBe(text);
});
