/**
 * What the engine costs where nothing is kept: CPU of runs in memory against plain promises, each node an async
 * function that awaits those of its parents; and how near a diamond with pauses comes to its critical path.
 * `node tools/node/run.cjs bench/memory.ts`
 */
import { openInMemory, planOf, toPlan, type Shape } from "./lib/engine.ts";
import { compareCpu, median, report, show, type Claim, type Contestant } from "./lib/measure.ts";
import { chain, dag, fan } from "./lib/shapes.ts";

const MOST_TIMES = 10;
const MOST_STRETCH = 1.05;
const CRITICAL_PATH_MS = 210;
const DIAMONDS = 7;
/** These are short: what V8 compiles while it warms up would be most of what is seen. */
const ROUNDS = { warmUp: 40, counted: 41 };

interface Value {
  readonly value: number;
}

/** A plan as the floor has it: nodes by name, each with the names of its parents. */
type Wires = ReadonlyMap<string, readonly string[]>;

function toWires(shape: Shape): Wires {
  return new Map(shape.map((parents, index) => [`n${index}`, parents.map((parent) => `n${parent}`)]));
}

async function action({ input }: { readonly input: readonly number[] }): Promise<Value> {
  return { value: input[0] ?? 1 };
}

/** What anyone would write who wants the same plan run: a promise for each node, which awaits those of its parents. */
async function runOnPromises(wires: Wires): Promise<ReadonlyMap<string, Value>> {
  const outputs = new Map<string, Value>();
  const promises = new Map<string, Promise<Value>>();
  const runNode = async (id: string, parents: readonly string[]): Promise<Value> => {
    const values = await Promise.all(parents.flatMap((parent) => promises.get(parent) ?? []));
    const output = await action({ input: values.map(({ value }) => value) });
    outputs.set(id, output);
    return output;
  };
  for (const [id, parents] of wires) promises.set(id, runNode(id, parents));
  await Promise.all(promises.values());
  return outputs;
}

async function measure(name: string, shape: Shape): Promise<Claim> {
  const graph = toPlan(name, shape);
  const wires = toWires(shape);
  const engine: Contestant = {
    prepare: async () => {
      const bench = await openInMemory();
      return { work: () => bench.run(graph), close: bench.close };
    },
  };
  const work = async (): Promise<void> => {
    const { size } = await runOnPromises(wires);
    if (size !== shape.length) throw new Error("Expected every node to run. Correct this benchmark.");
  };
  const [ours = Number.NaN, least = Number.NaN] = await compareCpu(
    [engine, { prepare: async () => ({ work }) }],
    ROUNDS,
  );
  const ratio = ours / least;
  const each = (ours * 1_000) / shape.length;
  console.log(
    `${name}: ${show(ratio)} times promises (${show(ours)} ms to ${show(least)} ms of CPU, ${show(each)} µs a node)`,
  );
  return { what: name, got: ratio, most: MOST_TIMES, unit: " times" };
}

/** Two branches: 10 + 190 and 100 + 50 milliseconds, joined by 10: the first is the longer one. */
async function measureDiamond(): Promise<Claim> {
  const pause = (ms: number, ...after: string[]): object => ({
    uses: "pause",
    with: ms,
    ...(after.length > 0 && { after }),
  });
  const graph = planOf(
    JSON.parse(
      JSON.stringify({
        name: "diamond",
        nodes: { a: pause(10), b: pause(190, "a"), c: pause(100), d: pause(50, "c"), join: pause(10, "b", "d") },
      }),
    ),
  );
  const bench = await openInMemory();
  await bench.run(graph);
  const walls: number[] = [];
  for (let round = 0; round < DIAMONDS; round += 1) {
    const start = performance.now();
    await bench.run(graph);
    walls.push(performance.now() - start);
  }
  await bench.close();
  const wall = median(walls);
  console.log(`diamond: ${show(wall)} ms for a critical path of ${CRITICAL_PATH_MS} ms`);
  return { what: "diamond", got: wall / CRITICAL_PATH_MS, most: MOST_STRETCH, unit: " times its critical path" };
}

const claims = [
  await measure("chain 1,000", chain(1_000)),
  await measure("fan 1,000", fan(1_000)),
  await measure("dag 2,000", dag(2_000)),
  await measureDiamond(),
];
report(claims);
