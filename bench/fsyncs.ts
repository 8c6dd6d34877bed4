/**
 * How often a run waits for the disk, counted by strace: one synchronisation a step and not one a node.
 * `node tools/node/run.cjs bench/fsyncs.ts`
 */
import { spawnSync } from "node:child_process";
import { openOnDisk, toPlan, type Shape } from "./lib/engine.ts";
import { report, type Claim } from "./lib/measure.ts";
import { chain, fan } from "./lib/shapes.ts";

const shapes: Readonly<Record<string, { readonly shape: Shape; readonly most: number }>> = {
  "chain 1,000": { shape: chain(1_000), most: 1_050 },
  "1,000 wide": { shape: fan(1_000), most: 80 },
};

function measure(name: string, most: number): Claim {
  const strace = ["-f", "-c", "-e", "trace=fsync,fdatasync", process.execPath, import.meta.filename, name];
  const { stderr, status, error } = spawnSync("strace", strace, { encoding: "utf8" });
  if (error !== undefined || status !== 0) throw new Error(`strace did not work: ${error?.message ?? stderr}`);
  let calls = 0;
  for (const [, count = "0"] of stderr.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s.*sync$/gm)) calls += Number(count);
  console.log(`${name}: ${calls} synchronisations, from opening a new state folder to closing it`);
  if (calls === 0) throw new Error(`Expected strace to count some calls, got this:\n${stderr}`);
  return { what: name, got: calls, most, unit: " syncs" };
}

const found = shapes[process.argv[2] ?? ""];
if (found === undefined) report(Object.entries(shapes).map(([name, { most }]) => measure(name, most)));
else {
  const bench = await openOnDisk();
  await bench.run(toPlan("synced", found.shape));
  await bench.close();
}
