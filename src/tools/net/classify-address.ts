import type Ipaddr from "ipaddr.js";

/**
 * How far an address reaches. `public`: anyone's. `own`: of this machine or network, which an owner may allow by name.
 * `none`: never a place to fetch from, such as link-local (where clouds keep credentials), multicast or documentation.
 */
type Reach = "public" | "own" | "none";

/** An address, judged. `kind` says what it is, in a word for people. */
export interface Judged {
  readonly reach: Reach;
  readonly kind: string;
}

type Address = Ipaddr.IPv4 | Ipaddr.IPv6;

/** Where clouds tell a machine its credentials, outside the link-local range. */
const METADATA = ["168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"];
const OWN = ["private", "loopback", "uniqueLocal", "carrierGradeNat"];

/**
 * Gives the judge of addresses. The package is loaded here, since few who import Pawl ever ask the network.
 *
 * An IPv6 address is public only within 2000::/3, all that was ever given out (RFC 4291 section 2.4): what embeds an
 * IPv4 address (compatible, mapped, NAT64, site-local beside) lies outside it, 6to4 and Teredo are ranges inside it.
 */
export async function loadClassifier(): Promise<(address: string) => Judged> {
  const { default: ipaddr } = await import("ipaddr.js");
  const metadata = METADATA.map((text) => ipaddr.parse(text).toString());
  const given = ipaddr.IPv6.parseCIDR("2000::/3");
  const judge = (address: Address): Judged => {
    if (metadata.includes(address.toString())) return { reach: "none", kind: "cloud metadata" };
    const kind = address.range();
    if (OWN.includes(kind)) return { reach: "own", kind };
    if (kind !== "unicast") return { reach: "none", kind };
    const isPublic = address.kind() === "ipv4" || address.match(given);
    return isPublic ? { reach: "public", kind } : { reach: "none", kind: "outside 2000::/3" };
  };
  return (text) => {
    // Only whole, plain forms: the package also reads "127.1" and zones, which no resolver should give.
    const isPlain = ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(":") && ipaddr.IPv6.isValid(text));
    if (!isPlain || text.includes("%")) return { reach: "none", kind: "no plain address" };
    return judge(ipaddr.parse(text));
  };
}
