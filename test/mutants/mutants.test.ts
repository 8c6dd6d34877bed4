import { describe, expect, it } from "vitest";
import { hunt } from "./hunt.ts";
import { MUTANTS } from "./mutants.ts";

const isBig = process.env["CI"] === "true";
/** Without CI the three that fall soonest; each of them lives in another room. */
const QUICK = ["the key changes on a retry", "undos go in the wrong order", "an outcome is told before it is durable"];
const tried = MUTANTS.filter(({ name }) => isBig || QUICK.includes(name));

describe("the simulation finds", () => {
  it.each(tried.map((mutant) => [mutant.name, mutant] as const))("%s", { timeout: 1_200_000 }, async (_, mutant) => {
    const caught = await hunt(mutant, "mutants", 50_000);
    expect(caught.seeds).toBeGreaterThan(0);
  });

  it("nothing in the code as it is, in the first seeds of the same hunt", { timeout: 1_200_000 }, async () => {
    const caught = await hunt({ name: "none", edits: [] }, "mutants", isBig ? 2_000 : 100);
    expect(caught.seeds).toBeUndefined();
  });
});
