/** What an environment gives: `process.env`, or a part of it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A kind of server that a model can be addressed at. */
export interface Provider {
  readonly protocol: "openai" | "anthropic";
  /** Variables that name the address, the first that is set counts. */
  readonly addressVariables: readonly string[];
  /** Used when none of them is set; without it one has to be. */
  readonly defaultAddress: string | undefined;
  readonly keyVariable: string;
  /** How the server calls the limit of a reply. */
  readonly limitField: "max_tokens" | "max_completion_tokens";
}

export const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai: {
    protocol: "openai",
    addressVariables: ["OPENAI_BASE_URL"],
    defaultAddress: "https://api.openai.com/v1",
    keyVariable: "OPENAI_API_KEY",
    limitField: "max_completion_tokens",
  },
  anthropic: {
    protocol: "anthropic",
    addressVariables: ["ANTHROPIC_BASE_URL"],
    defaultAddress: "https://api.anthropic.com",
    keyVariable: "ANTHROPIC_API_KEY",
    limitField: "max_tokens",
  },
  ollama: {
    protocol: "openai",
    addressVariables: ["OLLAMA_HOST"],
    defaultAddress: "http://127.0.0.1:11434",
    keyVariable: "OLLAMA_API_KEY",
    limitField: "max_tokens",
  },
  compatible: {
    protocol: "openai",
    addressVariables: ["PAWL_BASE_URL", "OPENAI_BASE_URL"],
    defaultAddress: undefined,
    keyVariable: "PAWL_API_KEY",
    limitField: "max_tokens",
  },
};
