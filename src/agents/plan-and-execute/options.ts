import type { AnyAction } from "../../action/index.ts";
import type { Json, JsonObject } from "../../base/index.ts";
import type { AgentBudget, ModelLike } from "../options.ts";
import type { PlanLimits } from "../planner/index.ts";

/** What makes a planner that carries out its plans. */
export interface PlanAndExecuteOptions {
  readonly model: ModelLike;
  /** The only actions that its plans may use, beside `ask` and `wait`. */
  readonly tools: readonly AnyAction[];
  /** What it does and when to use it, for whoever calls it as a tool. */
  readonly description?: string;
  /** JSON Schema of its input, which its plans may read as `${input}`. Default: `{ goal }`, a text. */
  readonly input?: JsonObject;
  /** The goal as text. Default: the goal, or the input as JSON. */
  readonly goal?: (input: Json) => string;
  /** `plan`: a person sees the plan, with its cost and what can't be undone, before anything runs. `effects`, `all`: as agents have it. */
  readonly approve?: "plan" | "effects" | "all";
  readonly limits?: PlanLimits;
  /** Times that a model may correct a plan or a patch that can't be used. Default 2. */
  readonly repairs?: number;
  /** Times that a running plan may be changed. Default 3; then the run is rolled back. */
  readonly revisions?: number;
  /** Actions after which the rest of the plan is looked at again, for what they brought may change it. */
  readonly reviewAfter?: readonly string[];
  readonly budget?: AgentBudget;
  readonly maxOutputTokens?: number;
  readonly version?: number;
}
