const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/;

/** Writes a path for people: `nodes.charge.with[2]["order id"]`. Keys that are no plain names are quoted. */
export function formatPath(segments: readonly (string | number)[]): string {
  let path = "";
  for (const segment of segments) {
    if (typeof segment === "number") path += `[${segment}]`;
    else if (!PLAIN_KEY.test(segment)) path += `[${JSON.stringify(segment)}]`;
    else path += path === "" ? segment : `.${segment}`;
  }
  return path;
}
