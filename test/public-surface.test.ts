import { describe, expect, it } from "vitest";

describe("the public surface", () => {
  it.each([
    ["pawl", "../src/index.ts"],
    ["pawl/action", "../src/action/index.ts"],
    ["pawl/agents", "../src/agents/index.ts"],
    ["pawl/memory", "../src/memory/index.ts"],
    ["pawl/models", "../src/models/index.ts"],
    ["pawl/test", "../src/testing/index.ts"],
    ["pawl/tools", "../src/tools/index.ts"],
  ])("%s exports just these names", async (_name, file) => {
    expect(Object.keys(await import(file)).toSorted()).toMatchSnapshot();
  });
});
