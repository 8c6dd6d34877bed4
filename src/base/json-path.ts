/** What JSON leaves as it is though a terminal could obey it, or a reader not see it. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;

/** Writes a path for people: `nodes.charge.with[2]["order id"]`. Keys that are no plain names are quoted. */
export function formatPath(segments: readonly (string | number)[]): string {
  let path = "";
  for (const segment of segments) {
    if (typeof segment === "number") path += `[${segment}]`;
    else if (!PLAIN_KEY.test(segment)) path += `[${quoteVisibly(segment)}]`;
    else path += path === "" ? segment : `.${segment}`;
  }
  return path;
}

/** Writes text in quotes, as JSON does, with every hidden character as an escape. */
export function quoteVisibly(text: string): string {
  return JSON.stringify(text).replace(HIDDEN, (hidden) =>
    Array.from({ length: hidden.length }, (_, at) => `\\u${hidden.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
      "",
    ),
  );
}
