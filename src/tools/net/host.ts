/** A host as it is compared: in lower case, without the brackets of an IPv6 address and without the last dot. */
export function toHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/u, "$1").replace(/\.$/u, "");
}

/** Hosts by name: `a.example` is that host alone, `*.a.example` is everything below it. */
export function matchesHost(host: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern));
}

/** Gives a pattern in the form in which hosts are compared; undefined when it names no host. */
export function parseHostPattern(text: string): string | undefined {
  const [, star = "", name] = /^(\*\.)?([^*/?#@\\\s]+)$/u.exec(text) ?? [];
  if (name === undefined) return undefined;
  // What has a colon can only be an IPv6 address: a port is not part of a host.
  const bare = name.replace(/^\[(.*)\]$/u, "$1");
  const url = URL.parse(`http://${bare.includes(":") ? `[${bare}]` : name}/`);
  return url === null ? undefined : star + toHost(url);
}
