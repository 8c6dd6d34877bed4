import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePlan } from "../validate/parse-plan.ts";
import { toMermaid } from "./mermaid.ts";
import { toTable } from "./table.ts";

const order = parsePlan({
  name: "order",
  nodes: {
    reserve: { uses: "process", with: { command: ["./reserve"] }, retry: 3, onFailure: "skip" },
    charge: {
      uses: "shop.charge",
      with: { cents: "${nodes.reserve.output.cents}" },
      when: "nodes.reserve.output.cents > 0",
    },
    end: { uses: "ask", after: ["charge"] },
    ship: {
      uses: "ship",
      with: "${nodes.charge.output}",
      optional: ["charge"],
      after: ["end", "charge", { node: "reserve", on: "failed" }],
      onFailure: { fallback: { uses: "post" } },
    },
  },
});

/** A plan that says a stranger's text wherever it can. */
function saying(text: string): ReturnType<typeof parsePlan> {
  const when = `input.x == ${JSON.stringify(text)}`;
  const nodes = {
    a: { uses: `x${text}`, when },
    b: { uses: "x", with: `\${nodes.a.output[${JSON.stringify(text)}]}` },
  };
  return { name: "p", nodes };
}

const nasty = fc
  .string({ unit: "binary", minLength: 1 })
  .map((text) => `${text}\u001b[31m"]-->|x|\n\u202e<script>\`\u0085`);

describe("toMermaid", () => {
  it("draws values, order, handlers, conditions and questions", () => {
    expect(toMermaid(order)).toBe(`flowchart TD
  n0["reserve<br/>process"]
  n1["charge<br/>shop.charge<br/>when nodes.reserve.output.cents #62; 0"]
  n2{{"end<br/>ask"}}
  n3["ship"]
  n0 --> n1
  n1 -.-> n2
  n1 -->|optional| n3
  n2 -.-> n3
  n0 -.->|failed| n3
`);
  });

  it("lets no text of the plan become markup", () => {
    const check = fc.property(nasty, (text) => {
      const lines = toMermaid(saying(text)).split("\n");
      expect(lines).toHaveLength(5);
      expect(lines[1]).toMatch(/^ {2}n0\["[^"<>|`[\]{}\p{Cc}\p{Cf}]*(<br\/>[^"<>|`[\]{}\p{Cc}\p{Cf}]*)*"\]$/u);
    });
    fc.assert(check);
  });
});

describe("toTable", () => {
  it("aligns one line for each node", () => {
    expect(toTable(order))
      .toBe(`node     uses         needs                             when                            on failure     retry
reserve  process                                                                        skip           3 attempts
charge   shop.charge  reserve                           nodes.reserve.output.cents > 0  rollback
end      ask          [charge]                                                          rollback
ship     ship         charge?, [end], [reserve failed]                                  fallback post
`);
  });

  it("shortens long lists of parents and says how an any join goes on", () => {
    const after = Array.from({ length: 9 }, (_, index) => `n${index}`);
    const graph = parsePlan({ name: "p", nodes: { a: { uses: "x", after, join: { any: "undo" } } } });
    expect(toTable(graph)).toContain("any of (undo the others): [n0], [n1], [n2], [n3], [n4], [n5], and 3 more");
  });

  it("lets no control character of the plan reach the terminal", () => {
    const check = fc.property(nasty, (text) => {
      const table = toTable(saying(text));
      expect(table.split("\n")).toHaveLength(4);
      expect(table.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    });
    fc.assert(check);
  });
});
