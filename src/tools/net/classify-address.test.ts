import * as fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { loadClassifier, type Judged } from "./classify-address.ts";

let classify: (address: string) => Judged;
beforeAll(async () => {
  classify = await loadClassifier();
});

it.each([
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "93.184.215.14",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "169.253.255.255",
  "169.255.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2001:200::1",
  "2001:4860:4860::8888",
  "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
  "2a00:1450::1",
  "3ffe::1",
])("takes %s as public", (address) => {
  expect(classify(address).reach).toBe("public");
});

it.each([
  "10.0.0.0",
  "10.255.255.255",
  "100.64.0.0",
  "100.127.255.255",
  "127.0.0.1",
  "127.255.255.255",
  "172.16.0.0",
  "172.31.255.255",
  "192.168.0.0",
  "192.168.255.255",
  "::1",
  "fc00::",
  "fd12:3456::1",
  "fdff:ffff::",
])("takes %s as of the own network", (address) => {
  expect(classify(address).reach).toBe("own");
});

it.each([
  ["unspecified", "0.0.0.0"],
  ["of this network", "0.255.255.255"],
  ["link-local", "169.254.0.0"],
  ["link-local", "169.254.169.254"],
  ["metadata", "168.63.129.16"],
  ["metadata in the shared range", "100.100.100.200"],
  ["metadata among the unique local", "fd00:ec2::254"],
  ["metadata among the unique local, written out", "fd20:00ce:0:0:0:0:0:254"],
  ["protocol assignments", "192.0.0.1"],
  ["documentation", "192.0.2.1"],
  ["documentation", "198.51.100.1"],
  ["documentation", "203.0.113.1"],
  ["6to4 relays", "192.88.99.1"],
  ["AS112", "192.31.196.1"],
  ["AS112", "192.175.48.1"],
  ["AMT", "192.52.193.1"],
  ["benchmarking", "198.18.0.0"],
  ["benchmarking", "198.19.255.255"],
  ["multicast", "224.0.0.1"],
  ["multicast", "239.255.255.255"],
  ["reserved", "240.0.0.0"],
  ["broadcast", "255.255.255.255"],
  ["unspecified", "::"],
  ["compatible", "::127.0.0.1"],
  ["compatible with a public one", "::93.184.215.14"],
  ["mapped", "::ffff:127.0.0.1"],
  ["mapped, a public one", "::ffff:93.184.215.14"],
  ["translated", "::ffff:0:127.0.0.1"],
  ["NAT64", "64:ff9b::10.0.0.1"],
  ["NAT64, local", "64:ff9b:1::10.0.0.1"],
  ["6to4", "2002:7f00:1::"],
  ["Teredo", "2001:0:4136:e378:8000:63bf:80ff:fffe"],
  ["link-local", "fe80::1"],
  ["link-local", "febf::1"],
  ["site-local", "fec0::1"],
  ["multicast", "ff02::1"],
  ["discard", "100::1"],
  ["documentation", "2001:db8::1"],
  ["documentation", "3fff:fff::1"],
  ["benchmarking", "2001:2::1"],
  ["AMT", "2001:3::1"],
  ["AS112", "2001:4:112::1"],
  ["ORCHID", "2001:10::1"],
  ["ORCHID", "2001:20::1"],
  ["protocol assignments", "2001:1ff::1"],
  ["segment routing", "5f00::1"],
  ["given to nobody", "4000::1"],
  ["given to nobody", "1fff::1"],
  ["a zone", "fe80::1%lo"],
  ["a zone on a public one", "2606:2800::1%lo"],
  ["a short form", "127.1"],
  ["a number", "2130706433"],
  ["octal", "0177.0.0.1"],
  ["a name", "localhost"],
  ["nothing", ""],
  ["a space", " 1.1.1.1"],
])("takes none that is %s: %s", (_, address) => {
  expect(classify(address).reach).toBe("none");
});

it("takes no IPv6 address outside 2000::/3, whatever it embeds", () => {
  const word = fc.integer({ min: 0, max: 0xffff });
  const words = fc
    .array(word, { minLength: 8, maxLength: 8 })
    .filter(([first = 0]) => first < 0x2000 || first > 0x3fff);
  const check = fc.property(words, (numbers) => {
    const { reach } = classify(numbers.map((number) => number.toString(16)).join(":"));
    expect(reach).not.toBe("public");
  });
  fc.assert(check);
});
