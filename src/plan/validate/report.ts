import { toInputError, type InputError, type Problem } from "../../base/index.ts";
import { shorten } from "./show.ts";

/** Most problems that one answer lists; the rest are counted, since a plan may have 200,000 nodes that are all wrong. */
const MOST = 500;

/** Characters of a path or of what came, where another reader wrote them. */
const LONGEST = 400;

/** Gathers what is wrong, so that the caller is told all at once. */
export interface Report {
  readonly problems: Problem[];
  more: number;
}

/** Where in a plan a check stands. */
export interface Place {
  readonly report: Report;
  readonly path: string;
}

/** An empty report. */
export function createReport(): Report {
  return { problems: [], more: 0 };
}

/** Adds one problem. */
export function complain(report: Report, problem: Problem): void {
  if (report.problems.length < MOST) report.problems.push(problem);
  else report.more++;
}

/** Adds a problem that another reader found, whose words may hold the stranger's text as it came. */
export function passOn(report: Report, problem: Problem): void {
  const { code, expected, fix } = problem;
  complain(report, { code, expected, fix, path: shorten(problem.path, LONGEST), got: shorten(problem.got, LONGEST) });
}

/** All problems, the last one standing for those beyond the first 500. */
export function allProblems(report: Report): readonly Problem[] {
  const first = report.problems[0];
  if (report.more === 0 || first === undefined) return report.problems;
  const rest = {
    code: first.code,
    path: "",
    expected: "a plan without problems",
    got: `${report.more} more`,
    fix: "Correct the problems above first; the rest are then listed.",
  };
  return [...report.problems, rest];
}

/** The error that tells all problems of a report. */
export function toPlanError(what: string, report: Report): InputError {
  return toInputError(what, allProblems(report));
}
