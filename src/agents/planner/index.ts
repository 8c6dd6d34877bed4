export { describePlan } from "./describe-plan.ts";
export { estimateCost, type Bounds, type NodeUse, type PlanEstimate } from "./estimate-cost.ts";
export type { PlanLimits } from "./limits.ts";
export { toPlanKey } from "./plan-key.ts";
export { toPlanRepairRequest, toPlanRequest, type PlanGoal } from "./plan-request.ts";
export { readPatch, type ReadPatch } from "./read-patch.ts";
export { readPlan, type PlanReading, type ReadPlan } from "./read-plan.ts";
export { toReplanRequest, type ReplanGoal, type ReplanNode, type ReplanState } from "./replan-request.ts";
