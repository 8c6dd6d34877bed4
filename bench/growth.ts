/**
 * Whether a node costs more in a larger plan: CPU for each node of one run, in memory and durable, nothing subtracted. The
 * durable runs are kept on a disk in memory, since only CPU counts here.
 * `node tools/node/run.cjs bench/growth.ts [memory | durable | chain | dag]`
 */
import { MEMORY_DISK, openInMemory, openOnDisk, toPlan, type Bench, type Shape } from "./lib/engine.ts";
import { compareCpu, report, show, type Claim, type Contestant } from "./lib/measure.ts";
import { chain, dag } from "./lib/shapes.ts";

const SIZES = [250, 1_000, 4_000, 16_000];
const MOST_GROWTH = 1.3;
/** The same for all sizes, so that a node costs the same but for the size. */
const DAG_WIDTH = 25;
/** Small runs are repeated within one measurement, so that all measure as many nodes. */
const NODES_EACH = 16_000;

const stores: Readonly<Record<string, () => Promise<Bench>>> = {
  memory: openInMemory,
  durable: () => openOnDisk(undefined, MEMORY_DISK),
};
const shapes: Readonly<Record<string, (nodes: number) => Shape>> = { chain, dag: (nodes) => dag(nodes, DAG_WIDTH) };

function contestant(open: () => Promise<Bench>, shape: Shape): Contestant {
  const graph = toPlan(`plan-${shape.length}`, shape);
  return {
    prepare: async () => {
      const bench = await open();
      const work = async (): Promise<void> => {
        for (let nodes = 0; nodes < NODES_EACH; nodes += shape.length) await bench.run(graph);
      };
      return { work, close: bench.close };
    },
  };
}

async function measure(store: string, shape: string): Promise<Claim> {
  const make = shapes[shape] ?? chain;
  const open = stores[store] ?? openInMemory;
  const cpu = await compareCpu(
    SIZES.map((size) => contestant(open, make(size))),
    { warmUp: 1, counted: 5 },
  );
  const each = cpu.map((ms) => (ms * 1_000) / NODES_EACH);
  const growth = Math.max(...each) / (each[0] ?? Number.NaN);
  const shown = SIZES.map((size, at) => `${size}: ${show(each[at] ?? Number.NaN)} µs`);
  console.log(`${shape} ${store}: ${shown.join(", ")} a node; ${show(growth)} times at most`);
  return { what: `${shape} ${store}`, got: growth, most: MOST_GROWTH, unit: " times" };
}

const [filter = ""] = process.argv.slice(2);
const claims: Claim[] = [];
for (const store of Object.keys(stores))
  for (const shape of Object.keys(shapes))
    if (`${shape} ${store}`.includes(filter)) claims.push(await measure(store, shape));
report(claims);
