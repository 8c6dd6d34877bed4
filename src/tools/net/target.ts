/** Says what forbids asking a URL, or nothing. Credentials in a URL end up in logs and in other servers' records. */
export function findTargetFault(url: URL): string | undefined {
  if (url.protocol !== "http:" && url.protocol !== "https:") return `the scheme ${url.protocol}`;
  if (url.username !== "" || url.password !== "") return "a URL with user or password";
  return undefined;
}

/** Names a URL in a message, without its query: that may hold secrets. */
export function describeTarget(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`;
}
