import { matchesHost, toHost } from "./host.ts";
import type { NetRules } from "./policy.ts";
import { findTargetFault } from "./target.ts";

/** Says what forbids asking a URL under a policy, before its name is looked up; or nothing. */
export function findPolicyFault(url: URL, rules: NetRules): string | undefined {
  const fault = findTargetFault(url);
  if (fault !== undefined) return fault;
  const host = toHost(url);
  if (matchesHost(host, rules.denyHosts)) return "a host that the policy denies";
  if (rules.onlyHosts !== undefined && !matchesHost(host, rules.onlyHosts))
    return "a host that the policy doesn't list";
  const port = url.port === "" ? defaultPort(url) : Number(url.port);
  if (rules.network === "public" && !rules.ports.includes(port)) return `port ${port}`;
  return undefined;
}

const defaultPort = (url: URL): number => (url.protocol === "https:" ? 443 : 80);
