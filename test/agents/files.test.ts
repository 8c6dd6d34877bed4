import { describe, expect, it } from "vitest";
import { careless, ours, race } from "./file-race.ts";
import { makeWorld, tryPaths, type World } from "./file-world.ts";

async function inWorld<T>(use: (world: World) => Promise<T>): Promise<T> {
  const world = await makeWorld();
  try {
    return await use(world);
  } finally {
    world.close();
  }
}

const isLinux = process.platform === "linux";

describe("the file gateway", () => {
  it.skipIf(!isLinux)("lets no path of the corpus out, and touches nothing outside", async () => {
    const { paths, failures } = await inWorld((world) => tryPaths(world, "held"));
    expect(failures).toEqual([]);
    expect(paths).toBeGreaterThan(150);
  });

  it.skipIf(process.platform === "win32")("does the same where folders are known by their names alone", async () => {
    const { failures } = await inWorld((world) => tryPaths(world, "named"));
    expect(failures).toEqual([]);
  });

  it.skipIf(!isLinux)("holds against a process that flips files and folders meanwhile", async () => {
    const races = await inWorld((world) => race(world, ours(world.root), { rounds: 200 }));
    expect([races.leaks, races.failures]).toEqual([[], []]);
    expect(races.torn).toBeGreaterThan(0);
  });

  it.skipIf(!isLinux)("is raced in earnest: who checks the real path and then uses the path is lost", async () => {
    const races = await inWorld((world) => race(world, careless(world.root), { rounds: 1_000, looksOnly: true }));
    expect(races.leaks).not.toEqual([]);
  });
});
