import { expect, it } from "vitest";
import { z } from "zod";
import { defineQuery, type AnyAction } from "../../action/index.ts";
import { load } from "./load.ts";
import { checkToolNames } from "./names.ts";

const named = (name: string): AnyAction =>
  defineQuery(name, { input: z.object({}), output: z.null(), run: () => null });

it("refuses a set in which two tools can be taken for one another", () => {
  const shop = named("shop.charge");
  expect(() => checkToolNames([shop, named("shop.refund"), shop])).not.toThrow();
  const taken = expect.objectContaining({ code: "TOOL_NAME_TAKEN", failure: "input" });
  expect(() => checkToolNames([shop, named("shop.charge")])).toThrow(taken);
  expect(() => checkToolNames([shop, named("Shop_charge")])).toThrow(taken);
});

it("says how to install a package that is not there", async () => {
  const name = "no-such-package-of-ours";
  const missing = load(name, async (): Promise<unknown> => await import(name));
  await expect(missing).rejects.toMatchObject({ code: "MCP_PACKAGE", failure: "input" });
  await expect(missing).rejects.toThrow(`Run: npm install ${name}`);
});
