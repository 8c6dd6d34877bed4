import type { ASTNode } from "@marcbachmann/cel-js";
import type { Json } from "../../base/index.ts";
import { describe, fail, spend, type Evaluate, type Frame } from "./frame.ts";
import { evaluatePath, expectedFor, stepInto, toNodePath, type PlainPath } from "./plain-path.ts";
import { refuse, weigh, type Level, type NodeOf, type Part } from "./part.ts";

/** A step of an access: a name or index that stands in the text, or one that is worked out. */
type Step = string | number | Part;

/** Converts a name and everything that is read from it: `input.a[0]`, `nodes.b.output`, `item.c`. */
export function convertAccess(node: NodeOf<"id" | "." | "[]">, level: Level): Part {
  const chain: (NodeOf<"."> | NodeOf<"[]">)[] = [];
  let base: ASTNode = node;
  while (base.op === "." || base.op === "[]") {
    chain.push(base);
    base = base.args[0];
  }
  const steps = chain.reverse().map((link) => convertStep(link, level));
  if (base.op !== "id") return accessPart(level.convert(base, level), steps, base);
  const slot = level.variables.lastIndexOf(base.args);
  if (slot !== -1) return accessPart(variablePart(slot), steps, base);
  if (base.args === "input") return convertInput(steps, base);
  if (base.args === "nodes") return convertNodes(steps, { node, level });
  return refuse(level, base, {
    code: "EXPRESSION_UNKNOWN_NAME",
    expected: `one of the names input, nodes${level.variables.map((name) => `, ${name}`).join("")}`,
    fix: "Read the run's input as input.NAME and a node as nodes.ID.output; put text in quotes.",
  });
}

function convertStep(link: NodeOf<"."> | NodeOf<"[]">, level: Level): Step {
  if (link.op === ".") return link.args[1];
  const part = level.convert(link.args[1], level);
  const { constant } = part;
  return typeof constant === "string" || typeof constant === "number" ? constant : part;
}

function variablePart(slot: number): Part {
  return { run: (frame) => frame.variables[slot], weight: 1, makes: false };
}

function pathPart(path: PlainPath): Part {
  return { run: evaluatePath(path, false), weight: 1 + path.segments.length, makes: false, path };
}

/** As many steps as stand in the text belong to the path, the rest is access. */
function splitSteps(steps: readonly Step[]): { readonly fixed: (string | number)[]; readonly rest: readonly Step[] } {
  const fixed: (string | number)[] = [];
  for (const step of steps) {
    if (typeof step === "object") break;
    fixed.push(step);
  }
  return { fixed, rest: steps.slice(fixed.length) };
}

function convertInput(steps: readonly Step[], base: ASTNode): Part {
  const { fixed, rest } = splitSteps(steps);
  return accessPart(pathPart({ node: undefined, field: "output", segments: fixed }), rest, base);
}

function convertNodes(
  steps: readonly Step[],
  { node, level }: { readonly node: ASTNode; readonly level: Level },
): Part {
  const { fixed, rest } = splitSteps(steps);
  const path = toNodePath(fixed);
  if (path === undefined) {
    return refuse(level, node, {
      expected: "nodes.ID.output or nodes.ID.state, with the id written out",
      fix: 'Name the node: nodes.a.output, nodes["a-b"].output. An id that is worked out would hide an edge of the plan.',
    });
  }
  if (path.node !== undefined) level.conversion.nodes.add(path.node);
  return accessPart(pathPart(path), rest, node);
}

function accessPart(base: Part, steps: readonly Step[], origin: ASTNode): Part {
  if (steps.length === 0) return base;
  const name = origin.input.slice(origin.start, origin.end).slice(0, 80);
  const parts = steps.filter((step) => typeof step === "object");
  const run: Evaluate = (frame) => {
    let value = base.run(frame);
    for (const step of steps) {
      if (value === undefined) return undefined;
      const segment = typeof step === "object" ? toSegment(frame, step.run(frame)) : step;
      value =
        segment === undefined ? undefined : (stepInto(value, segment) ?? failStep(frame, { name, value, segment }));
    }
    return value;
  };
  return { run, weight: weigh([base, ...parts]) + steps.length, makes: base.makes };
}

function toSegment(frame: Frame, value: Json | undefined): string | number | undefined {
  if (typeof value === "number" || value === undefined) return value;
  // The text is hashed to be looked up.
  if (typeof value === "string") return spend(frame, value.length >> 4) ? value : undefined;
  return fail(frame, () => ({ where: "what stands in [ ]", expected: "a text or a number", got: describe(value) }));
}

interface FailedStep {
  readonly name: string;
  readonly value: Json;
  readonly segment: string | number;
}

function failStep(frame: Frame, { name, value, segment }: FailedStep): Json | undefined {
  // `??` comes here for null too, which is a value.
  if (stepInto(value, segment) === null) return null;
  const where = `what is read from ${name}`;
  return fail(frame, () => ({ where, expected: expectedFor(segment), got: describe(value) }));
}

/** Converts `has(a.b)`: whether the last step of a path is there. Anything missing on the way there is a "no" too. */
export function convertHas(node: NodeOf<"call">, level: Level): Part {
  const argument = node.args[1][0];
  if (node.args[1].length !== 1 || argument === undefined || (argument.op !== "." && argument.op !== "[]")) {
    return refuse(level, node, {
      expected: "has(...) of a path such as has(input.a.b)",
      fix: "Name the field inside.",
    });
  }
  const part = level.convert(argument, level);
  const node0 = part.path?.segments.length === 0 && part.path.field === "output" ? part.path.node : undefined;
  if (node0 !== undefined) {
    // A node has an output when it succeeded, and when its strategy gave it one in spite of its failure.
    return { run: (frame) => hasOutput(frame, node0), weight: 1, makes: false };
  }
  const run: Evaluate = (frame) => {
    const isThere = part.run(frame) !== undefined;
    return !isThere && frame.fuel < 0 ? undefined : isThere;
  };
  return { run, weight: weigh([part]), makes: false };
}

function hasOutput(frame: Frame, id: string): boolean {
  const view = frame.scope.node(id);
  return view !== undefined && (view.state === "succeeded" || view.output !== null);
}
