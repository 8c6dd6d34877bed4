import { createSqliteDriver } from "./drivers/sqlite/index.ts";
import { createAgentExecutor, type AgentExecutorApi } from "./executor/index.ts";

export {
  asOutcome,
  defineAction,
  defineChoice,
  defineQuery,
  firstPolicy,
  fromJsonSchema,
  type Action,
  type ActionBase,
  type ActionOptions,
  type AnyAction,
  type AttemptContext,
  type ChoiceOptions,
  type DecisionRequest,
  type Distribution,
  type Limits,
  type Outcome,
  type Policy,
  type Repeat,
  type ResourceUse,
  type UndoContext,
} from "./action/index.ts";
export {
  CancelledError,
  DefectError,
  InputError,
  PermanentError,
  RuntimeFailure,
  TransientError,
  type FailureClass,
  type Json,
  type JsonObject,
  type JsonSchema,
  type Problem,
  type StandardSchema,
} from "./base/index.ts";
export {
  defineConfig,
  loadPlan,
  type By,
  type Client,
  type Config,
  type ConnectOptions,
  type Executor,
  type OpenOptions,
  type Result,
  type Run,
  type Runnable,
  type StartOptions,
} from "./executor/index.ts";
export {
  cel,
  checkPlan,
  definePlan,
  field,
  optional,
  orElse,
  parsePlan,
  planHash,
  toMermaid,
  toTable,
  type Bind,
  type Builder,
  type Plan,
  type PlanGraph,
  type PlanNode,
  type PlanPatch,
  type Ref,
  type RunEvent,
  type RunReport,
  type WaitReport,
} from "./plan/index.ts";
export type { RunQuery, RunSummary, StoredEvent } from "./store/index.ts";
export { defineProcess } from "./tools/index.ts";

/** The runtime, on an embedded SQLite store in a folder. */
export const AgentExecutor: AgentExecutorApi = createAgentExecutor(createSqliteDriver);
