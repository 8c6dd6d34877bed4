import { isIP } from "node:net";
import { PermanentError } from "../../base/index.ts";
import { loadClassifier } from "./classify-address.ts";
import { matchesHost, toHost } from "./host.ts";
import type { NetRules } from "./policy.ts";
import type { Trip } from "./trip.ts";

/** An address that was checked, as a connection takes it. */
export interface CheckedAddress {
  readonly address: string;
  readonly family: number;
}

/**
 * Gives the addresses to which a connection to this URL may be made: the name is looked up once, and one address that
 * is refused refuses them all, since whoever mixes them means the bad one.
 *
 * @throws {PermanentError} NET_ADDRESS_REFUSED. It doesn't show the address: own names would tell a stranger the net.
 */
export async function findAddresses(url: URL, rules: NetRules, trip: Trip): Promise<readonly CheckedAddress[]> {
  const host = toHost(url);
  // A name keeps its last dot here: it says that no search domain is to be added.
  const addresses = isIP(host) === 0 ? await trip.untilStopped(rules.resolve(url.hostname)) : [host];
  if (addresses.length === 0) throw new Error(`no address for ${host}`);
  if (rules.network === "public") {
    const isOwnAllowed = matchesHost(host, rules.privateHosts);
    const classify = await loadClassifier();
    const refused = addresses.map(classify).find(({ reach }) => reach === "none" || (reach === "own" && !isOwnAllowed));
    if (refused !== undefined) throw refuse(url, refused.kind, trip);
  }
  return addresses.map((address) => ({ address, family: isIP(address) }));
}

function refuse(url: URL, kind: string, trip: Trip): PermanentError {
  const where = trip.isFirst(url) ? "" : ` It was redirected to ${url.origin}.`;
  const message = `${trip.target} was not asked: its address is not on the public network (${kind}).${where} If it may be asked, its owner can list the host in \`privateHosts\`.`;
  return new PermanentError("NET_ADDRESS_REFUSED", message, { mayHaveActed: trip.mayHaveActed() });
}
