import type { SQLInputValue } from "node:sqlite";
import { DEFAULT_LIST_LIMIT, type RunQuery } from "../../store/index.ts";
import { isOpenTag, OPEN_TAGS } from "./header.ts";

/** A statement and what to bind to it. */
export interface Query {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** Writes the query of a list of runs. All that a caller gave is bound, never written into the text. */
export function listQuery(query: RunQuery): Query {
  const terms: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (term: string, ...bound: readonly SQLInputValue[]): void => {
    terms.push(term);
    values.push(...bound);
  };

  if (query.states !== undefined) {
    add(`tag IN (${query.states.map(() => "?").join(", ")})`, ...query.states);
    // In the words of the partial index, so that it is used: ended runs may be many.
    const isOpenOnly = query.states.every(isOpenTag);
    if (isOpenOnly) add(`tag IN (${OPEN_TAGS.map((tag) => `'${tag}'`).join(", ")})`);
  }
  for (const tag of query.tags ?? []) {
    add("(NOT json_valid(tags) OR EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ?))", tag);
  }
  if (query.planName !== undefined) add("plan_name = ?", query.planName);
  if (query.parent !== undefined) add("parent = ?", query.parent);
  if (query.before !== undefined) add("created_at < ?", query.before);
  if (query.after !== undefined) add("(created_at, no) < (SELECT created_at, no FROM runs WHERE id = ?)", query.after);

  const where = terms.length === 0 ? "" : `WHERE ${terms.join(" AND ")}`;
  values.push(Math.max(0, Math.floor(query.limit ?? DEFAULT_LIST_LIMIT)));
  return { sql: `SELECT * FROM runs ${where} ORDER BY created_at DESC, no DESC LIMIT ?`, values };
}
