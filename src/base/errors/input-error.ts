import { RuntimeFailure, type FailureOptions } from "./runtime-failure.ts";

/** One thing that is wrong with what a caller gave: where, what was expected, what came, what to do. */
export interface Problem {
  readonly code: string;
  /** Where, as a path such as `nodes.charge.with.cents`; empty for the whole. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  readonly fix: string;
}

/** Writes one problem as a line for people. */
export function describeProblem(problem: Problem): string {
  const where = problem.path === "" ? "" : `${problem.path}: `;
  return `${where}expected ${problem.expected}, got ${problem.got}. ${problem.fix} [${problem.code}]`;
}

/** The caller's plan, option or data is wrong. The caller is told all problems at once; HTTP 4xx, exit code 2. */
export class InputError extends RuntimeFailure {
  readonly problems: readonly Problem[];

  constructor(code: string, message: string, options: FailureOptions & { problems?: readonly Problem[] } = {}) {
    super("input", message, { ...options, code });
    this.name = "InputError";
    this.problems = options.problems ?? [];
  }
}

/** Makes an input error out of one or many problems; its message lists them. */
export function toInputError(what: string, problems: readonly Problem[]): InputError {
  const first = problems[0];
  const lines = problems.map((problem) => `  - ${describeProblem(problem)}`).join("\n");
  return new InputError(first?.code ?? "BAD_INPUT", `${what}:\n${lines}`, { problems });
}
