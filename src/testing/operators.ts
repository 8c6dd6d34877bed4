import { InputError } from "../base/index.ts";
import type { RunCommand } from "../run/index.ts";
import type { Simulation } from "./scenario.ts";

/** Gives an order to the owner; true: it was carried out and is durable. Undefined: there is nobody to take it. */
export async function order(simulation: Simulation, command: RunCommand): Promise<boolean | undefined> {
  const { process } = simulation;
  const runtime = process?.runtime;
  if (process === undefined || runtime === undefined || process.death !== undefined) return undefined;
  try {
    await runtime.command(command);
    simulation.counts.orders += 1;
    return true;
  } catch (error) {
    if (InputError.is(error) && (error.code === "NOT_POSSIBLE" || error.failure === "input")) return false;
    if (process.death === undefined && simulation.process === process)
      simulation.violate(`an order failed: ${String(error)}`);
    return undefined;
  }
}

const ORDERS = ["cancel", "rollback", "rollback", "retry", "retry", "resume", "other", "other", "other"] as const;

/** One operator does one thing to one run, whatever it is and whether or not it makes sense. */
export async function operate(simulation: Simulation): Promise<void> {
  const { disk, random, options, process } = simulation;
  const runs = [...disk.journals.keys()];
  if (runs.length === 0 || simulation.isCalm) return;
  const run = random.pick(runs);
  const type = random.pick(ORDERS);
  simulation.trace(`an operator orders ${type} of ${run}`);
  if (type !== "other") return void (await order(simulation, { type, run, by: "operator" }));
  const runtime = process?.runtime;
  const command = runtime === undefined ? undefined : options.order?.(runtime, run);
  if (command !== undefined) await order(simulation, command);
}
