export { createRun } from "./core/create.ts";
export { overBudget, waitIdOf } from "./core/decide-start.ts";
export { hasNotStarted, startedNodesIn, waitsForPatch } from "./core/evolve-patch.ts";
export { inputLabels, labelsOfRun } from "./core/labels.ts";
export { needOf } from "./core/decide-start.ts";
export { extendPlan } from "./extend-plan.ts";
export { mayCancel, mayPatch, mayResume, mayRetry, mayRollBack } from "./core/permissions.ts";
export { limitOf, toNodeFailed, toUndoFailed, unitFrom } from "./core/retry.ts";
export { resourcesOf } from "./core/resources.ts";
export { bindInput } from "./core/scope.ts";
export type { NodeState, NodeTag, OpenWait, Phase, RunState } from "./core/state.ts";
export { criticalPath, runTag, type RunTag } from "./core/view.ts";
export type { Command, Surroundings } from "./core/draft.ts";
export { decide, nextDue } from "./decide.ts";
export { usageOf } from "./core/usage.ts";
export { evolve } from "./evolve.ts";
export type { CompiledNode, CompiledPlan, Edge, NatureOf } from "./compiled.ts";
export type {
  CancelDecided,
  Counters,
  FailDecided,
  FailureRecord,
  FinalTag,
  NodeDecided,
  NodeFailed,
  NodeLate,
  NodeSettled,
  NodeSkipped,
  NodeStarted,
  NodeStopping,
  NodeSucceeded,
  NodeUnknown,
  Origin,
  PlanPatched,
  RollbackDecided,
  RunCreated,
  RunEvent,
  RunFinished,
  RunResumed,
  RunRetried,
  RunSuspended,
  UndoFailed,
  UndoStarted,
  UndoSucceeded,
  WaitClosed,
  WaitKind,
  WaitOpened,
} from "./event.ts";
export { compileExpression } from "./expression/compile.ts";
export type { Compiled, CompileResult, NodeView, Reference, Scope } from "./expression/contract.ts";
export { quoteInputPath, quoteNodePath } from "./expression/plain-path.ts";
export { compileTemplate } from "./expression/template.ts";
export type { AfterEdge, Budget, FailureStrategy, Losers, NodeResource, PlanGraph, PlanNode, Retry } from "./graph.ts";
export type { Nature } from "./nature.ts";
export { pinName, pinnedNatureOf, type Pin, type Pins } from "./pin.ts";
export type { PatchOperation, PlanPatch } from "./patch.ts";
export type {
  Answer,
  AskOptions,
  Builder,
  Fallback,
  FlowOptions,
  Observed,
  ObserveOptions,
  OrderEdge,
  StepBase,
  StepOptions,
  WaitTime,
} from "./builder-types.ts";
export { cel, orElse, type CelValue } from "./cel.ts";
export { definePlan, type Plan, type PlanOptions } from "./define-plan.ts";
export { field, optional, type Bind, type Handle, type Ref, type Template, type Unbind } from "./handles.ts";
export { applyPatch } from "./apply-patch.ts";
export { checkJournal, type JournalVisitor } from "./check-journal.ts";
export { compilePlan, type PlanCompileOptions } from "./compile.ts";
export { planHash, revise } from "./plan-hash.ts";
export { parsePlan, type ParseOptions } from "./validate/parse-plan.ts";
export { checkPlan, type Knows, type PlanCheck } from "./validate/check-plan.ts";
export { parsePatch } from "./validate/parse-patch.ts";
export {
  reportRun,
  updateReport,
  type NodeReport,
  type NodeStatus,
  type RunReport,
  type WaitReport,
} from "./projection.ts";
export { toMermaid } from "./render/mermaid.ts";
export { toTable } from "./render/table.ts";
