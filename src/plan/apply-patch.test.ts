import { describe, expect, it } from "vitest";
import { InputError } from "../base/index.ts";
import { applyPatch } from "./apply-patch.ts";
import { parsePatch } from "./validate/parse-patch.ts";
import { parsePlan } from "./validate/parse-plan.ts";

const graph = parsePlan({
  name: "p",
  nodes: { charge: { uses: "x" }, ship: { uses: "y" } },
  output: "${nodes.ship.output}",
});
const node = { uses: "z" };

describe("applyPatch", () => {
  it("applies operations in their order and leaves the old plan as it was", () => {
    const before = JSON.stringify(graph);
    const patched = applyPatch(graph, [
      { op: "add-node", id: "mail", node },
      { op: "replace-node", id: "charge", node },
      { op: "remove-node", id: "ship" },
      { op: "add-node", id: "ship", node },
      { op: "set-output", output: 7 },
    ]);
    expect(patched).toEqual({ name: "p", nodes: { charge: node, mail: node, ship: node }, output: 7 });
    expect(JSON.stringify(graph)).toBe(before);
  });

  it("leaves an output of null out, as the normal form does", () => {
    expect(applyPatch(graph, [{ op: "set-output", output: null }])).not.toHaveProperty("output");
  });

  it("tells all problems at once", () => {
    const patching = (): unknown =>
      applyPatch(graph, [
        { op: "add-node", id: "ship", node },
        { op: "remove-node", id: "chrge" },
        { op: "replace-node", id: "toString", node },
      ]);
    expect(patching).toThrow(
      expect.objectContaining({
        code: "PATCH_REFUSED",
        problems: [
          expect.objectContaining({ path: "patch[0]", fix: expect.stringContaining("replace-node") }),
          expect.objectContaining({ path: "patch[1]", fix: 'Did you mean "charge"?' }),
          expect.objectContaining({ path: "patch[2]" }),
        ],
      }),
    );
  });

  it("refuses ids that differ in case only", () => {
    expect(() => applyPatch(graph, [{ op: "add-node", id: "Ship", node }])).toThrow(InputError);
    expect(
      applyPatch(graph, [
        { op: "remove-node", id: "ship" },
        { op: "add-node", id: "Ship", node },
      ]).nodes,
    ).toHaveProperty("Ship");
  });
});

describe("parsePatch", () => {
  it("gives the nodes in normal form", () => {
    const patch = parsePatch([
      { op: "add-node", id: "a", node: { uses: "x", retry: 3, join: "all" } },
      { op: "remove-node", id: "b" },
      { op: "set-output", output: null },
    ]);
    expect(patch).toEqual([
      { op: "add-node", id: "a", node: { uses: "x", retry: { attempts: 3 } } },
      { op: "remove-node", id: "b" },
      { op: "set-output", output: null },
    ]);
  });

  it.each([
    [{}, "patch"],
    [[3], "patch[0]"],
    [[{}], "patch[0]"],
    [[{ op: "drop-node", id: "a" }], "patch[0].op"],
    [[{ op: "add-node", id: "a" }], "patch[0]"],
    [[{ op: "add-node", node }], "patch[0]"],
    [[{ op: "add-node", id: "__proto__", node }], "patch[0].id"],
    [[{ op: "remove-node", id: "a", node }], "patch[0]"],
    [[{ op: "set-output" }], "patch[0]"],
    [[{ op: "set-output", output: 1, id: "a" }], "patch[0]"],
    [[{ op: "add-node", id: "a", node: { use: "x" } }], "patch[0].node.use"],
    [Array.from({ length: 10_001 }, () => ({ op: "remove-node", id: "a" })), "patch"],
  ])("refuses %j at %s", (patch, path) => {
    expect(() => parsePatch(patch)).toThrow(
      expect.objectContaining({
        failure: "input",
        problems: expect.arrayContaining([expect.objectContaining({ path })]),
      }),
    );
  });
});
