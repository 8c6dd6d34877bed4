/** How large a plan of a model may be. Enough for any plan that a person can still read before it runs. */
export interface PlanLimits {
  /** Default 50. */
  readonly nodes?: number;
  /** Expressions in `with`, `when` and `output`. Default 500. */
  readonly expressions?: number;
  /** Of the reply, in UTF-8. Default 65,536. */
  readonly bytes?: number;
  /** Lists and maps inside each other. Default 24. */
  readonly depth?: number;
}

/** The limits with their defaults. */
export function toLimits(limits: PlanLimits = {}): Required<PlanLimits> {
  return { nodes: 50, expressions: 500, bytes: 65_536, depth: 24, ...limits };
}
