import { expect, it } from "vitest";
import { createMemoryDriver } from "../../src/store/index.ts";
import { describeStoreConformance } from "./store-conformance.ts";
import { firstRun, going, starting, starts, succeeded } from "./samples.ts";

describeStoreConformance("memory", () => ({ driver: createMemoryDriver(), remove: () => {} }));

it("memory: refuses an owner of the past, without a change (1)", async () => {
  const driver = createMemoryDriver();
  const old = await driver.open();
  await old.commit(starts(starting(firstRun)));
  const now = await driver.open();
  await expect(old.commit({ runs: [going(firstRun, 2, succeeded(1))] })).rejects.toMatchObject({ code: "STALE_EPOCH" });
  await expect(old.read(firstRun)).rejects.toMatchObject({ code: "STORE_FAILED" });
  await now.commit({ runs: [going(firstRun, 2, succeeded(2))] });
  expect((await now.read(firstRun)).map((record) => record.epoch)).toEqual([1, 2]);
});
