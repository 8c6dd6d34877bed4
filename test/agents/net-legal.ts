/** What the network gateway must let through, in the world of net-world.ts. */
import { QUIET } from "../../src/action/index.ts";
import type { Json } from "../../src/base/index.ts";
import { fetchTool } from "../../src/tools/net/fetch-tool.ts";
import type { NetGateway, NetRequest } from "../../src/tools/net/gateway.ts";
import type { NetPolicy } from "../../src/tools/net/policy.ts";
import { toFetch } from "../../src/tools/net/to-fetch.ts";

export interface LegalCase {
  readonly name: string;
  /** A canary that it may reach, as `address:port`. */
  readonly allowed?: string;
  /** Gives what is wrong, or nothing. */
  readonly try: (create: (policy: NetPolicy) => NetGateway) => Promise<string | undefined>;
}

/** What a server of that world says of a request. */
interface Echo {
  readonly at?: Json;
  readonly host?: Json;
  readonly method?: Json;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, Json>>;
}

const FOUR = "93.184.215.14";
const SIX = "2606:2800:21f:cb07:6820:80da:af6b:8b2c";

/** A request that must be answered at an address, and whatever else must be true of it. */
function answered(
  request: NetRequest & { readonly url: string },
  expected: { readonly at: string; readonly policy?: NetPolicy; readonly holds?: (echo: Echo) => boolean },
): LegalCase {
  const { at, policy = {}, holds = () => true } = expected;
  return {
    name: request.url,
    try: async (create) => {
      const echo: Echo = JSON.parse(await (await create(policy).open(request)).text());
      return echo.at === at && holds(echo) ? undefined : `unexpected ${JSON.stringify(echo)}`;
    },
  };
}

const get = (url: string, at: string, holds?: (echo: Echo) => boolean): LegalCase =>
  answered({ url }, { at, ...(holds !== undefined && { holds }) });

export const LEGAL: readonly LegalCase[] = [
  get(`http://${FOUR}/`, FOUR),
  get(`http://[${SIX}]/`, SIX),
  get("http://1572394766/", FOUR),
  get("http://public.example/", FOUR, ({ host }) => host === "public.example"),
  get("http://public.example./", FOUR, ({ host }) => host === "public.example."),
  get("http://PUBLIC.example:80/", FOUR, ({ host }) => host === "public.example"),
  get("http://public6.example/", SIX),
  get("http://both.example/", FOUR),
  get("http://many.example/", FOUR),
  get("http://bücher.example/", FOUR),
  get("https://public.example/", FOUR, ({ host }) => host === "public.example"),
  get("https://public.example.:443/", FOUR),
  get(`https://${FOUR}/`, FOUR),
  get("http://public.example/?to=http://other.example/", "8.8.8.8"),
  get("http://public.example/?to=https://other.example/", "8.8.8.8"),
  get("http://public.example/?count=5", FOUR),
  get("http://public.example/?coding=gzip", FOUR),
  get("http://public.example/?coding=br", FOUR),
  answered({ url: "http://public.example:8080/" }, { at: FOUR, policy: { ports: [8080] } }),
  answered({ url: "http://public.example/" }, { at: FOUR, policy: { onlyHosts: ["*.example"] } }),
  answered(
    { url: "http://public.example/?status=307&to=/again", method: "POST", body: "a", headers: { authorization: "t" } },
    {
      at: FOUR,
      holds: ({ method, body, headers }) => method === "POST" && body === "a" && headers?.["authorization"] === "t",
    },
  ),
  answered(
    { url: "http://public.example/?to=http://other.example/", headers: { authorization: "t", cookie: "c" } },
    {
      at: "8.8.8.8",
      holds: ({ headers = {} }) => headers["authorization"] === undefined && headers["cookie"] === undefined,
    },
  ),
  {
    ...answered(
      { url: "http://wiki.corp.example/" },
      { at: "10.1.2.3", policy: { privateHosts: ["wiki.corp.example"] } },
    ),
    allowed: "10.1.2.3:80",
  },
  {
    name: "HEAD",
    try: async (create) => {
      const { status, body } = await create({}).open({ url: "http://public.example/", method: "HEAD" });
      return status === 200 && body === null ? undefined : `got ${status}`;
    },
  },
  {
    name: "as a fetch",
    try: async (create) => {
      const answer = await toFetch(create({}))("https://public.example/", { method: "POST", body: "b" });
      const echo: Echo = JSON.parse(await answer.text());
      return echo.method === "POST" && echo.body === "b" ? undefined : `got ${JSON.stringify(echo)}`;
    },
  },
  {
    name: "as a tool",
    try: async (create) => {
      const { definition } = fetchTool({ gateway: create({}) });
      if (definition.tag !== "effect") return "no effect";
      const { signal } = new AbortController();
      const input = { url: "https://public.example/" };
      const context = { ...QUIET, input, key: "k", token: 1, signal, run: "r", node: "n", attempt: 1 };
      const text = JSON.stringify(await definition.run(context));
      return text.includes(FOUR) ? undefined : `got ${text}`;
    },
  },
];
