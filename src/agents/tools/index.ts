export { capResult } from "./cap-result.ts";
export { resolveCall, type ResolvedCall } from "./resolve-call.ts";
export { demandOwnNames, toToolSpecs } from "./to-tool-specs.ts";
