export { canonicalJson } from "./canonical-json.ts";
export { loadPackage } from "./load-package.ts";
export { checkStrictJson } from "./check-json.ts";
export { CancelledError } from "./errors/cancelled-error.ts";
export { DefectError } from "./errors/defect-error.ts";
export { describeProblem, InputError, toInputError, type Problem } from "./errors/input-error.ts";
export { PermanentError } from "./errors/permanent-error.ts";
export { RuntimeFailure, type FailureClass, type FailureOptions } from "./errors/runtime-failure.ts";
export { TransientError } from "./errors/transient-error.ts";
export { sha256 } from "./hash.ts";
export {
  toHash,
  toInstant,
  toNodeId,
  toRunId,
  toWaitId,
  type Hash,
  type Instant,
  type NodeId,
  type RunId,
  type WaitId,
} from "./ids.ts";
export { isJsonObject, type Json, type JsonObject } from "./json.ts";
export { isForbiddenKey, type JsonLimits } from "./json-limits.ts";
export { formatPath } from "./json-path.ts";
export type {
  JsonSchema,
  JsonSchemaOf,
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from "./standard-schema.ts";
export { hideSecrets, toExcerpt, toPrintable } from "./printable.ts";
export { parseStrictJson } from "./strict-json.ts";
