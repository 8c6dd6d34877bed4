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
  const [, star = "", name = ""] = /^(\*\.)?([^*/?#@\\\s]+)$/u.exec(text) ?? [];
  const isBareIpv6 = name.includes(":") && !name.startsWith("[");
  const url = name === "" ? null : URL.parse(`http://${isBareIpv6 ? `[${name}]` : name}/`);
  // Port 80 would vanish in a parsed URL.
  if (url === null || url.port !== "" || /:80$/u.test(isBareIpv6 ? "" : name)) return undefined;
  return star + toHost(url);
}
