import { describe, expect, it } from "vitest";
import { makeWorld, race, tryPaths } from "./file-world.ts";

describe("the file gateway", () => {
  it("lets no path of the corpus out, and touches nothing outside", async () => {
    const world = makeWorld();
    const { cases, failures } = await tryPaths(world);
    world.remove();
    expect(failures).toEqual([]);
    expect(cases).toBeGreaterThan(150);
  });

  it.skipIf(process.platform !== "linux")("holds against a process that flips folders into links", async () => {
    const world = makeWorld();
    const { failures, refused } = await race(world, 200);
    world.remove();
    expect(failures).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  });
});
