const WITHIN = /\/[^/]+\.\d+\.\d+(?:\/|$)/u;

/** The run that a run stands in: members of a team see the same things, so they are one witness. */
export function outermost(run: string): string {
  const at = run.search(WITHIN);
  return at <= 0 ? run : run.slice(0, at);
}
