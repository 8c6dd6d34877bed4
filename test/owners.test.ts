import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { toInstant } from "../src/base/index.ts";
import { createSqliteDriver } from "../src/drivers/sqlite/index.ts";
import { scratch, startChild, type Child } from "./conformance/children.ts";

const children: Child[] = [];
const start = (mode: string, dir: string): Child => {
  const child = startChild(mode, dir);
  children.push(child);
  return child;
};
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill("SIGKILL")));
});

const owned = { code: "FOLDER_OWNED", failure: "input" };

it("refuses a second process while the owner lives, also while it is stopped, and names it", async () => {
  using folder = scratch();
  const owner = start("own", folder.dir);
  expect(await owner.next()).toEqual({ owned: 1 });

  const driver = createSqliteDriver(folder);
  await expect(driver.open()).rejects.toMatchObject(owned);
  await expect(driver.open()).rejects.toThrow(new RegExp(`process ${owner.process.pid} \\(since 2`));
  expect(await start("own", folder.dir).next()).toMatchObject({ code: "FOLDER_OWNED" });

  await owner.kill("SIGSTOP");
  await expect(driver.open()).rejects.toMatchObject(owned);
  await owner.kill("SIGCONT");
});

it("is free at once after kill -9, whatever owner.json says", async () => {
  using folder = scratch();
  const driver = createSqliteDriver(folder);
  for (const epoch of [1, 3, 5]) {
    const owner = start("own", folder.dir);
    expect(await owner.next()).toEqual({ owned: epoch });
    await owner.kill("SIGKILL");
    expect(existsSync(join(folder.dir, "owner.json"))).toBe(true);
    // The pid of the dead owner may belong to a living process by now: to this one, for example.
    writeFileSync(join(folder.dir, "owner.json"), JSON.stringify({ pid: process.pid, since: "now" }));
    const store = await driver.open();
    expect(store.epoch).toBe(epoch + 1);
    await store.close();
  }
});

it("decides nothing by owner.json: one that is gone or garbage leaves the owner the owner", async () => {
  using folder = scratch();
  const owner = start("own", folder.dir);
  await owner.next();
  writeFileSync(join(folder.dir, "owner.json"), "{ not json");
  await expect(createSqliteDriver(folder).open()).rejects.toThrow(/another process owns it/);
});

it("gives the folder to exactly one of many that start at once", async () => {
  using folder = scratch();
  const facts = await Promise.all(Array.from({ length: 6 }, () => start("own", folder.dir).next()));
  const winners = facts.filter((fact) => fact !== undefined && "owned" in fact);
  const losers = facts.filter((fact) => fact?.["code"] === "FOLDER_OWNED");
  expect([winners.length, losers.length]).toEqual([1, 5]);
});

it("refuses a second owner in the same process, and frees the folder on close", async () => {
  using folder = scratch();
  const store = await createSqliteDriver(folder).open();
  await expect(createSqliteDriver({ dir: join(folder.dir, "..", "state") }).open()).rejects.toMatchObject(owned);
  await expect(createSqliteDriver(folder).open()).rejects.toThrow(/this very process/);
  expect(await start("own", folder.dir).next()).toMatchObject({ code: "FOLDER_OWNED" });
  await store.close();
  expect(await start("own", folder.dir).next()).toEqual({ owned: 2 });
});

it("a client in another process sends a command to the owner and reads its result", async () => {
  using folder = scratch();
  await start("own", folder.dir).next();
  const clients = Array.from({ length: 3 }, () => start("send", folder.dir));
  const results = await Promise.all(clients.map((client) => client.next()));
  const expected = clients.map((client) => ({
    tag: "done",
    value: { command: { from: client.process.pid } },
  }));
  expect(results).toEqual(expected);
});

it("a command that no owner saw waits for the next one", async () => {
  using folder = scratch();
  const driver = createSqliteDriver(folder);
  await (await driver.open()).close();
  const client = await driver.read();
  await client.send({ id: "c", at: toInstant(1), command: 1 });
  expect(await start("own", folder.dir).next()).toEqual({ owned: 2 });
  while ((await client.commandResult("c")) === undefined) await client.changed(60_000);
  expect(await client.commandResult("c")).toEqual({ tag: "done", value: { command: 1 } });
  await client.close();
});
