/** A certificate of the test's own, so that TLS is real: X.509 v3 in DER (RFC 5280), signed with a fresh P-256 key. */
import { generateKeyPairSync, sign } from "node:crypto";
import { isIPv4 } from "node:net";

type Der = Buffer;

const tlv = (tag: number, ...parts: readonly Der[]): Der => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: readonly Der[]): Der => tlv(0x30, ...parts);
const oid = (hex: string): Der => tlv(0x06, Buffer.from(hex, "hex"));
const utcTime = (text: string): Der => tlv(0x17, Buffer.from(text));
const octets = (part: Der): Der => tlv(0x04, part);

const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = "550403";
const BASIC_CONSTRAINTS = "551d13";
const ALTERNATIVE_NAMES = "551d11";

/** Gives key and certificate, in PEM, for names and IPv4 addresses. */
export function makeSelfSigned(names: readonly string[]): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const name = sequence(tlv(0x31, sequence(oid(COMMON_NAME), tlv(0x0c, Buffer.from("pawl test")))));
  const alternatives = names.map((text) =>
    isIPv4(text) ? tlv(0x87, Buffer.from(text.split(".").map(Number))) : tlv(0x82, Buffer.from(text)),
  );
  const isAuthority = sequence(tlv(0x01, Buffer.from([0xff])));
  const extensions = sequence(
    sequence(oid(BASIC_CONSTRAINTS), tlv(0x01, Buffer.from([0xff])), octets(isAuthority)),
    sequence(oid(ALTERNATIVE_NAMES), octets(sequence(...alternatives))),
  );
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    ECDSA_SHA256,
    name,
    sequence(utcTime("200101000000Z"), utcTime("491231235959Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, extensions),
  );
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, ECDSA_SHA256, tlv(0x03, Buffer.from([0]), signature));
  const lines = der.toString("base64").replaceAll(/.{64}(?=.)/gu, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
