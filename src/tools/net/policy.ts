import { complain, openFields, refuseProblems, take } from "../fields.ts";
import { integer, listOf, oneOf } from "../kinds.ts";
import type { Json, Problem } from "../../base/index.ts";
import { parseHostPattern } from "./host.ts";
import { resolveBySystem, type Resolve } from "./resolve.ts";

/** Whom a gateway may ask, and how much it takes. Hosts are `a.example`, `*.a.example` (all below it) or an address. */
export interface NetPolicy {
  /**
   * `public` (default): only addresses that anyone can reach, on ports 80 and 443. `own`: any address and port, for
   * requests that the owner of the machine has written.
   */
  readonly network?: "public" | "own";
  /** Nobody else is asked, where it is given. */
  readonly onlyHosts?: readonly string[];
  /** These are not asked. */
  readonly denyHosts?: readonly string[];
  /** These may also be in the own network: private, shared, unique local and loopback addresses. */
  readonly privateHosts?: readonly string[];
  /** Ports beside 80 and 443. */
  readonly ports?: readonly number[];
  readonly limits?: NetLimits;
  /** Gives the addresses of a name. Default: as the system does. What it gives is checked like any other. */
  readonly resolve?: Resolve;
}

/** Times are milliseconds, sizes bytes. */
export interface NetLimits {
  /** From the name to a connection, of one hop. Default: 10,000. */
  readonly connectMs?: number;
  /** From the connection to the head of the answer. Default: 30,000. */
  readonly firstByteMs?: number;
  /** Between two pieces of a body, while someone waits for one. Default: 30,000. */
  readonly idleMs?: number;
  /** All of it, redirects and body too. Default: 120,000; without a limit in the own network. */
  readonly totalMs?: number;
  /** Head of an answer. Default: 16,384. */
  readonly maxHeaderBytes?: number;
  /** Body of an answer, as it comes and as it is after decompression. Default: 16,777,216. */
  readonly maxBodyBytes?: number;
}

/** A policy, checked and whole. */
export interface NetRules {
  readonly network: "public" | "own";
  readonly onlyHosts: readonly string[] | undefined;
  readonly denyHosts: readonly string[];
  readonly privateHosts: readonly string[];
  readonly ports: readonly number[];
  readonly limits: Limits;
  readonly resolve: Resolve;
}

/** The limits with nothing left out; `totalMs` may be none. */
export type Limits = Required<Omit<NetLimits, "totalMs">> & { readonly totalMs: number | undefined };

const KNOWN = ["network", "onlyHosts", "denyHosts", "privateHosts", "ports", "limits"];
const KNOWN_LIMITS = ["connectMs", "firstByteMs", "idleMs", "totalMs", "maxHeaderBytes", "maxBodyBytes"];
const MEBIBYTE = 1_048_576;
/** More would overflow a timer, which then fires at once. */
const duration = integer(1, 2_147_483_647);
const hosts = listOf({
  expected: "a host such as a.example, *.a.example or 10.0.0.5, without scheme, port and path",
  read: (value: Json) => (typeof value === "string" ? parseHostPattern(value) : undefined),
});

/** @throws {InputError} TOOL_OPTIONS with every problem of a policy. */
export function readPolicy({ resolve = resolveBySystem, ...rest }: NetPolicy): NetRules {
  const given: Json = JSON.parse(JSON.stringify(rest));
  const fields = openFields(given, { path: "policy", code: "TOOL_OPTIONS", isTemplate: false, known: KNOWN });
  const network = take(fields, "network", oneOf(["public", "own"])) ?? "public";
  const rules = {
    network,
    onlyHosts: take(fields, "onlyHosts", hosts),
    denyHosts: take(fields, "denyHosts", hosts) ?? [],
    privateHosts: take(fields, "privateHosts", hosts) ?? [],
    ports: [80, 443, ...(take(fields, "ports", listOf(integer(1, 65_535))) ?? [])],
    resolve,
  };
  const limits = readLimits(fields.value["limits"] ?? {}, network);
  if (typeof resolve !== "function") {
    const fix = "Give a function from a name to a list of addresses.";
    complain(fields, "resolve", { expected: "a function", got: typeof resolve, fix });
  }
  refuseProblems("The network policy cannot be used", [...fields.problems, ...limits.problems]);
  return { ...rules, limits: limits.read };
}

function readLimits(value: Json, network: "public" | "own"): { read: Limits; problems: readonly Problem[] } {
  const source = { path: "policy.limits", code: "TOOL_OPTIONS", isTemplate: false, known: KNOWN_LIMITS };
  const fields = openFields(value, source);
  const read = {
    connectMs: take(fields, "connectMs", duration) ?? 10_000,
    firstByteMs: take(fields, "firstByteMs", duration) ?? 30_000,
    idleMs: take(fields, "idleMs", duration) ?? 30_000,
    totalMs: take(fields, "totalMs", duration) ?? (network === "own" ? undefined : 120_000),
    maxHeaderBytes: take(fields, "maxHeaderBytes", integer(1, MEBIBYTE)) ?? 16_384,
    maxBodyBytes: take(fields, "maxBodyBytes", integer(1, 2_048 * MEBIBYTE)) ?? 16 * MEBIBYTE,
  };
  return { read, problems: fields.problems };
}
