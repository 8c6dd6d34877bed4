import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const home = mkdtempSync(join(tmpdir(), "pawl-demo-"));
const dir = join(home, ".pawl");
const pawl = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [join(import.meta.dirname, "..", "bin", "pawl.cjs"), ...args], { cwd: home });

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("the demo", () => {
  it.each([1, 2])("plays to its end, performance %i, and its books balance", async (performance) => {
    const { stdout, stderr } = await pawl("demo");
    const shown = stdout + stderr;
    expect(shown).toContain("they balance to the cent");
    expect(shown).toContain("kill -9");
    expect(shown).toContain("Not charged again");
    expect(shown).toContain("no terminal is attached");
    expect(shown).toContain("its model is a recording");
    expect(shown).toMatch(/third thought.*is thought again.*Dear Eve/su);
    const shop = new DatabaseSync(join(dir, "demo", "shop.db"));
    const payments = shop.prepare("SELECT orders, cents, refunded FROM payments ORDER BY orders").all();
    shop.close();
    const first = 1_001 + 3 * (performance - 1);
    expect(payments.slice(-3)).toEqual([
      { orders: `order-${first}`, cents: 129_900, refunded: 0 },
      { orders: `order-${first + 1}`, cents: 12_900, refunded: 1 },
      { orders: `order-${first + 2}`, cents: 5_940, refunded: 0 },
    ]);
    expect(readdirSync(join(dir, "demo", "outbox"))).toHaveLength(2 * performance);
  });

  it("leaves its history, which every check passes", async () => {
    const { stdout } = await pawl("runs", "ls", "--json");
    expect(stdout.match(/order-10\d\d/g)?.length).toBeGreaterThanOrEqual(6);
    const { stdout: shown } = await pawl("runs", "show", "order-1003");
    expect(shown).toContain("charge");
    await pawl("verify");
    await pawl("plan", "graph", join(dir, "demo", "order.yaml"));
  });
});
