import { describe, expect, it } from "vitest";
import { findFaults, measureGrowth } from "./transcript.ts";

describe("the folder of an agent with a long conversation", () => {
  it("grows by each step once", async () => {
    expect(findFaults(await measureGrowth(80), 80)).toEqual([]);
  });

  it("would be noticed if each step kept all that was said before", () => {
    const squares = { sizes: [10_000, 40_000, 90_000, 160_000], quarters: [], shown: 400_000 };
    const faults = findFaults({ ...squares, spread: 0.75, ended: "All pages are read." }, 80);
    expect(faults).toHaveLength(1);
    expect(findFaults({ ...squares, spread: 0, shown: 10, ended: "?" }, 5)).toHaveLength(3);
  });
});
