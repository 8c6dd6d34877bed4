/** Where a model is reached. */
export interface Endpoint {
  /** `provider:model`, or the address that was resolved. */
  readonly name: string;
  /** The model as its server knows it. */
  readonly model: string;
  /** Without a slash at its end, such as `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Values that must not appear in messages, by the names that stand for them. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The variable that holds the key. */
  readonly keyVariable: string;
  /** How the server calls the limit of a reply. */
  readonly limitField: "max_tokens" | "max_completion_tokens";
  readonly fetch?: Fetch;
}

export type Fetch = typeof globalThis.fetch;
