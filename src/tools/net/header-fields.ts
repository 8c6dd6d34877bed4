/** Of the connection itself: the gateway writes them, or nobody does. A foreign `host` would ask for another site. */
const OF_CONNECTION = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
/** Fields that may follow a redirect to another origin: none that could be a credential. */
const HARMLESS = ["accept", "accept-language", "content-type", "user-agent"];
const DEFAULTS = { accept: "*/*", "accept-encoding": "gzip, br", "user-agent": "pawl" };

type HeaderFields = Readonly<Record<string, string>>;

/** Gives the fields that the gateway sends: names in lower case, defaults filled in, none of the connection's own. */
export function toSentFields(given: HeaderFields): HeaderFields {
  const fields = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...DEFAULTS, ...Object.fromEntries(fields.filter(([name]) => !OF_CONNECTION.includes(name))) };
}

/** Gives the fields that go along on a redirect. */
export function toFollowingFields(
  fields: HeaderFields,
  { isSameOrigin, becomesGet }: { readonly isSameOrigin: boolean; readonly becomesGet: boolean },
): HeaderFields {
  const kept = Object.entries(fields).filter(
    ([name]) => (isSameOrigin || HARMLESS.includes(name)) && !(becomesGet && name.startsWith("content-")),
  );
  return Object.fromEntries(kept);
}

/** Names a field that no server could read (RFC 9110 sections 5.1 and 5.5); undefined when all are fit. */
export function findFieldFault(fields: HeaderFields): string | undefined {
  return Object.keys(fields).find((name) => !/^[!#$%&'*+.^_`|~\w-]+$/u.test(name) || !VALUE.test(fields[name] ?? ""));
}

const VALUE = /^[\t\u0020-\u007E\u0080-\u00FF]*$/u;
