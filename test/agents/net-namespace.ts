/**
 * Shows that the network gateway reaches nothing that its policy refuses: in a private network namespace where every
 * address leads to a server of this process, so that a request which should not have been sent is heard.
 *
 * Run: node tools/node/run.cjs test/agents/net-namespace.ts (Linux, with `unshare` and `ip`; needs root or user namespaces)
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { RuntimeFailure } from "../../src/base/index.ts";
import { createNetGateway, type NetGateway } from "../../src/tools/net/gateway.ts";
import type { NetPolicy } from "../../src/tools/net/policy.ts";
import { LITERALS, REDIRECTS } from "./net-cases.ts";
import { LEGAL } from "./net-legal.ts";
import { openWorld, type World } from "./net-world.ts";
import { makeSelfSigned } from "./self-signed.ts";

const INSIDE = "PAWL_TEST_NAMESPACE";
/** Every address is this machine: what would go anywhere comes here. */
const SETUP = `
set -e
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
mount --bind "$1/hosts" /etc/hosts
ip link set lo up
ip route add local 0.0.0.0/0 dev lo
ip -6 route add local ::/0 dev lo
shift
exec "$@"
`;

const REFUSALS = ["NET_URL_REFUSED", "NET_ADDRESS_REFUSED", "NET_REDIRECT_REFUSED"];
const limits = { connectMs: 3_000, firstByteMs: 3_000, idleMs: 3_000, totalMs: 10_000 };
const SECURE = ["public.example", "other.example", "turn-secure.example", "93.184.215.14"];

function goInside(): number {
  const folder = mkdtempSync(join(tmpdir(), "pawl-net-"));
  writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
  writeFileSync(join(folder, "nsswitch.conf"), "hosts: files dns\n");
  writeFileSync(join(folder, "hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  const kind = process.getuid?.() === 0 ? "-nm" : "-Urnm";
  const proxy = "http://127.0.0.1:3128";
  const env = { ...process.env, [INSIDE]: "1", NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxy, HTTPS_PROXY: proxy };
  const script = ["sh", "-c", SETUP, "sh", folder, process.execPath, import.meta.filename];
  const { status, error } = spawnSync("unshare", [kind, ...script], { stdio: "inherit", env });
  rmSync(folder, { recursive: true });
  if (error !== undefined) console.error(`No private network namespace: ${error.message}`);
  return status ?? 1;
}

/** Gives the code of a failure, or the address that answered. */
async function ask(gateway: NetGateway, url: string): Promise<string> {
  try {
    const answer: unknown = await (await gateway.open({ url })).json();
    return typeof answer === "object" && answer !== null && "at" in answer ? String(answer.at) : "an answer";
  } catch (error) {
    return RuntimeFailure.is(error) ? error.code : String(error);
  }
}

interface Tally {
  readonly name: string;
  readonly good: number;
  readonly all: number;
  readonly hits: number;
}

const problems: string[] = [];

async function tally<T>(
  name: string,
  cases: readonly T[],
  judge: (one: T) => Promise<string | undefined>,
): Promise<Tally> {
  const hitsBefore = world.hits.length;
  let good = 0;
  for (const one of cases) {
    const heard = world.hits.length;
    world.asked.clear();
    const problem = await judge(one).catch(String);
    const hits = world.hits.slice(heard);
    if (problem === undefined && hits.length === 0) good += 1;
    else problems.push(`${name} ${JSON.stringify(one)}: ${problem ?? "refused"}, hits: ${hits.join(" ") || "none"}`);
  }
  return { name, good, all: cases.length, hits: world.hits.length - hitsBefore };
}

async function refuses(url: string): Promise<string | undefined> {
  const outcome = await ask(gateway, url);
  return REFUSALS.includes(outcome) ? undefined : `got ${outcome}`;
}

/** Each step: what is asked, and what must come of it, `refused` or the address that answers. */
const REBINDING: readonly (readonly (readonly [url: string, outcome: string])[])[] = [
  [["http://turn-loop.example/", "93.184.215.14"]],
  [["http://turn-ten.example/", "93.184.215.14"]],
  [["http://turn-link.example/", "93.184.215.14"]],
  [["http://turn-six.example/", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]],
  [
    ["http://turn-loop.example/", "93.184.215.14"],
    ["http://turn-loop.example/", "NET_ADDRESS_REFUSED"],
  ],
  [["http://turn-redirect.example/?to=http://turn-redirect.example/", "NET_ADDRESS_REFUSED"]],
  [
    ["https://turn-secure.example/", "93.184.215.14"],
    ["https://turn-secure.example/", "NET_ADDRESS_REFUSED"],
  ],
  [
    ["http://turn-again.example/", "93.184.215.14"],
    ["http://turn-again.example/", "NET_ADDRESS_REFUSED"],
    ["http://turn-again.example/", "93.184.215.14"],
    ["http://turn-again.example/", "NET_ADDRESS_REFUSED"],
  ],
  [["http://mixed-first.example/", "NET_ADDRESS_REFUSED"]],
  [["http://mixed-last.example/", "NET_ADDRESS_REFUSED"]],
  [["http://mixed-six.example/", "NET_ADDRESS_REFUSED"]],
  [["http://mixed-ten.example/", "NET_ADDRESS_REFUSED"]],
];

async function rebinds(steps: readonly (readonly [string, string])[]): Promise<string | undefined> {
  for (const [url, expected] of steps) {
    const outcome = await ask(gateway, url);
    if (outcome !== expected) return `${url} got ${outcome}, expected ${expected}`;
  }
  return undefined;
}

/** How many of the literals reach a canary when nobody checks: else their silence would show nothing. */
async function countReached(): Promise<number> {
  const open = createNetGateway({ network: "own", limits: { connectMs: 300, firstByteMs: 300, totalMs: 600 } });
  let reached = 0;
  for (const url of LITERALS) {
    const heard = world.hits.length;
    await ask(open, url);
    if (world.hits.length > heard) reached += 1;
  }
  return reached;
}

async function showAll(): Promise<number> {
  const literals = await tally("literals", LITERALS, refuses);
  const redirects = await tally("redirects", REDIRECTS, async ({ to, status, from = "http://public.example" }) => {
    return await refuses(`${from}/?status=${status}&to=${encodeURIComponent(to)}`);
  });
  const rebinding = await tally("rebinding", REBINDING, rebinds);
  const legal = await tally("legal", LEGAL, async (one) => {
    const heard = world.hits.length;
    const problem = await one.try((policy: NetPolicy) => createNetGateway({ limits, ...policy }));
    // What its owner allows by name is no canary.
    const allowed = world.hits.splice(heard).filter((hit) => hit !== one.allowed);
    world.hits.push(...allowed);
    return problem;
  });
  const reached = await countReached();
  const refused = [literals, redirects, rebinding].map(({ name, good, all, hits }) => {
    return `${name} ${good}/${all} ${name === "rebinding" ? "held" : "refused"}, ${hits} hits`;
  });
  const passed = `legal ${legal.good}/${legal.all} passed`;
  const said = [...refused, passed, `unchecked ${reached}/${LITERALS.length} reach a canary`].join("; ");
  if (reached < 100) problems.push(`only ${reached} literals reach a canary when nobody checks`);
  for (const problem of problems) console.error(problem);
  console.log(`RESULT ${problems.length === 0 ? "ok" : "fail"}: ${said}`);
  return problems.length === 0 ? 0 : 1;
}

let world: World = { hits: [], asked: new Map(), close: () => undefined };
const gateway = createNetGateway({ limits });

if (process.env[INSIDE] === undefined) {
  process.exitCode = goInside();
} else {
  const certificate = makeSelfSigned(SECURE);
  setDefaultCACertificates([...getCACertificates("default"), certificate.cert]);
  world = await openWorld(certificate);
  process.exitCode = await showAll();
  world.close();
}
