export { obey, runOf, type RunCommand } from "./commands.ts";
export type { NewRun } from "./create-run.ts";
export type { Engine, Piece, RuntimeOptions } from "./engine.ts";
export { createRegistry, graphOf, type Registry } from "./natures.ts";
export type { Clock, Rng } from "./ports.ts";
export { readRun } from "./recover.ts";
export { createRuntime, type Runtime } from "./runtime.ts";
