import { toInputError, type InputError } from "../base/index.ts";
import { nearest } from "./suggest.ts";
import { VERBS } from "./verbs.ts";

/** The error for a verb that does not exist, with the one that was probably meant. */
export function unknownVerb(first: string, second: string | undefined): InputError {
  const names = VERBS.map(({ name }) => name);
  const group = names.filter((name) => name.startsWith(`${first} `));
  const isGroup = group.length > 0;
  const got = isGroup && second !== undefined ? `${first} ${second}` : first;
  const near = nearest(second === undefined ? first : `${first} ${second}`, names) ?? nearest(first, names);
  return toInputError(isGroup ? `pawl ${first} needs a second word` : "There is no such verb", [
    {
      code: "CLI_UNKNOWN_VERB",
      path: got,
      expected: (isGroup ? group : names).join(", "),
      got: `"${got}"`,
      fix: near === undefined ? "`pawl --help` lists the verbs." : `Did you mean \`pawl ${near}\`?`,
    },
  ]);
}
