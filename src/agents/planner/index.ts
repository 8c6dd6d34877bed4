export { describePlan } from "./describe-plan.ts";
export { estimateCost, type Bounds, type NodeUse, type PlanEstimate } from "./estimate-cost.ts";
export type { PlanLimits } from "./limits.ts";
export { toPlanKey } from "./plan-key.ts";
export { toPlanRepairRequest, toPlanRequest } from "./plan-request.ts";
export { readPatch } from "./read-patch.ts";
export { readPlan } from "./read-plan.ts";
export { toReplanRequest, type ReplanNode, type ReplanState } from "./replan-request.ts";
