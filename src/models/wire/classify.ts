/** What a server's complaint is about. */
export type ComplaintKind = "quota" | "rate" | "context" | "key" | "unknown" | "for-now" | "refused";

interface Rule {
  readonly kind: ComplaintKind;
  readonly statuses: readonly number[];
  /** Looked for where the status says too little. */
  readonly words: RegExp;
}

/** In this order: an empty account and a context that is too long come with many a status. */
const RULES: readonly Rule[] = [
  {
    kind: "quota",
    statuses: [402],
    words: /insufficient_quota|billing|credit balance|quota_exceeded|exceeded your current quota/u,
  },
  { kind: "rate", statuses: [429], words: /rate[_ ]?limit|too[_ ]many[_ ]requests/u },
  {
    kind: "context",
    statuses: [],
    words: /context[_ ](?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens/u,
  },
  {
    kind: "key",
    statuses: [401, 403],
    words: /authentication_error|permission_error|invalid_api_key|incorrect api key/u,
  },
  {
    kind: "unknown",
    statuses: [404],
    words: /model_not_found|not_found_error|model\b.{0,80}(?:does not exist|not found)/u,
  },
  { kind: "for-now", statuses: [408, 425], words: /overloaded_error/u },
];

/** Says what a complaint is about, by its status (200 where only the body complains) and its words. */
export function classify(status: number, text: string): ComplaintKind {
  const words = text.toLowerCase();
  const isTold = status < 500;
  const found = RULES.find((rule) => rule.statuses.includes(status) || (isTold && rule.words.test(words)));
  if (found !== undefined) return found.kind;
  if (status >= 500) return "for-now";
  // A reply that turns out to be a complaint: what is wrong with the server may pass, what is wrong with us does not.
  return status < 300 && !/invalid_request/u.test(words) ? "for-now" : "refused";
}
