export { capResult } from "./cap-result.ts";
export { nearestNames } from "./nearest-names.ts";
export { resolveCall } from "./resolve-call.ts";
export { demandOwnNames, describeTool, toToolSpecs } from "./to-tool-specs.ts";
export { issuesOf, toolInputOf } from "./tool-input.ts";
