export { simulate, type SimulateOptions, type Simulated } from "./simulate.ts";
export { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";
