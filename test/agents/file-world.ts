import { execFileSync, spawn } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeFailure } from "../../src/base/index.ts";
import { createFileGateway, type FileGateway } from "../../src/tools/index.ts";

/** What must never be read, and a folder outside that must stay as it is. */
const CANARY = "CANARY-OUTSIDE";

/** A root among places that must stay untouched. */
export interface World {
  readonly base: string;
  readonly root: string;
  readonly gateway: FileGateway;
  /** What has happened outside; empty: nothing. */
  readonly damage: () => readonly string[];
  readonly remove: () => void;
}

/** Makes a root with links, hard links, pipes and devices in it, and canaries around it. */
export function makeWorld(): World {
  const base = mkdtempSync(join(tmpdir(), "pawl-files-"));
  const root = join(base, "root");
  const outside = join(base, "outside");
  for (const folder of [root, outside, join(outside, "sub"), `${root}-evil`, join(root, "docs"), join(root, "flip")])
    mkdirSync(folder);
  for (const file of [
    join(outside, "secret.txt"),
    join(outside, "sub", "deep.txt"),
    join(`${root}-evil`, "secret.txt"),
    join(base, "secret.txt"),
    join(outside, "x.txt"),
  ])
    writeFileSync(file, CANARY);
  for (const [name, text] of [
    ["a.txt", "alpha"],
    ["docs/b.txt", "beta"],
    ["file.txt", "real"],
    ["flip/x.txt", "inside"],
  ] as const)
    writeFileSync(join(root, name), text);
  symlinkSync(join(outside, "secret.txt"), join(root, "link.txt"));
  symlinkSync("../outside/secret.txt", join(root, "relative-link.txt"));
  symlinkSync(outside, join(root, "link-dir"));
  symlinkSync("link-dir", join(root, "chain"));
  symlinkSync("loop", join(root, "loop"));
  symlinkSync("/", join(root, "slash"));
  symlinkSync("/proc/self", join(root, "proc"));
  symlinkSync("a.txt", join(root, "inner-link.txt"));
  symlinkSync("docs", join(root, "inner-dir"));
  symlinkSync(join(outside, "new.txt"), join(root, "dangling.txt"));
  linkSync(join(outside, "secret.txt"), join(root, "hard.txt"));
  execFileSync("mkfifo", [join(root, "pipe")]);
  symlinkSync("/dev/zero", join(root, "zero"));
  symlinkSync(outside, join(root, ".flip-link"));
  symlinkSync(join(outside, "secret.txt"), join(root, ".file-link"));
  const before = snapshot(base);
  return {
    base,
    root,
    gateway: createFileGateway(root, { maxBytes: 10_000, maxEntries: 50 }),
    damage: () => differences(before, snapshot(base)),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

function snapshot(base: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const folder of [base, join(base, "outside"), join(base, "outside", "sub"), join(base, "root-evil")])
    for (const name of readdirSync(folder).toSorted()) found.set(join(folder, name), contentOf(join(folder, name)));
  return found;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "(folder)";
  }
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((path) => before.get(path) !== after.get(path) && !path.endsWith("/root"));
}

const UP = [
  "..",
  "../outside/secret.txt",
  "docs/../../outside/secret.txt",
  "docs/../a.txt",
  "./a.txt",
  "docs/./b.txt",
  "a.txt/..",
  "..a/../../x",
  "docs//b.txt",
  "/",
  "//",
  "/etc/passwd",
  "/proc/self/environ",
  "~/x",
  "../root-evil/secret.txt",
  "../root/a.txt",
];
const ODD = [
  "a\u0000.txt",
  "a.txt\u0000/../../x",
  "..\\outside\\secret.txt",
  "docs\\b.txt",
  "C:\\x",
  "c:x",
  "a.txt:stream",
  "\u202Etxt.a",
  "a\u200B.txt",
  "e\u0301.txt",
  "\u2025/x",
  "\uFF0E\uFF0E/outside/secret.txt/",
  "con",
  "NUL.txt",
  "aux",
  "lpt1.doc",
  "x.",
  "x ",
  " x",
  "a\nb",
  "a\rb",
  "\u007F",
  "\uD800.txt",
  "x".repeat(256),
  "d/".repeat(40),
  `${"y".repeat(600)}/${"z".repeat(600)}`,
  "docs/",
  "docs/b.txt/",
];
const ENCODED = [
  "%2e%2e/outside/secret.txt",
  "..%2foutside",
  "%2e%2e%2foutside%2fsecret.txt",
  "..%c0%afoutside",
  "..;/outside/secret.txt",
  "....//outside/secret.txt",
  "file:///etc/passwd",
  "%00",
  "..%00/",
];
const LINKS = [
  "link.txt",
  "relative-link.txt",
  "link-dir/secret.txt",
  "link-dir/sub/deep.txt",
  "chain/secret.txt",
  "loop",
  "loop/x",
  "slash/etc/passwd",
  "proc/environ",
  "proc/root/etc/passwd",
  "inner-link.txt",
  "inner-dir/b.txt",
  "dangling.txt",
  "hard.txt",
  "pipe",
  "zero",
  "a.txt/x",
  "flip/../link.txt",
  "link-dir",
  "slash",
  "proc/self/fd/0",
];

/** Paths, none of which leads to a file that may be used. */
export const BAD_PATHS: readonly string[] = [...UP, ...ODD, ...ENCODED, ...LINKS];

type Verb = "read" | "write" | "remove" | "list";

/** What came of trying every bad path with every verb. */
export interface Verdict {
  readonly cases: number;
  /** What got through, or did harm, or failed without a code. */
  readonly failures: readonly string[];
}

/** Tries all bad paths, each with reading, writing, deleting and listing. */
export async function tryPaths({ gateway, damage }: World): Promise<Verdict> {
  const failures: string[] = [];
  let cases = 0;
  for (const path of BAD_PATHS) {
    for (const verb of ["read", "list", "write", "remove"] as const) {
      cases += 1;
      const fault = await attempt(gateway, verb, path);
      if (fault !== undefined) failures.push(`${verb} ${JSON.stringify(path.slice(0, 60))}: ${fault}`);
    }
  }
  return { cases, failures: [...failures, ...damage().map((path) => `changed outside: ${path}`)] };
}

/** Odd, but plain names: what is written under them stands inside. */
const PLAIN: ReadonlySet<string> = new Set([
  "~/x",
  "\u2025/x",
  "..;/outside/secret.txt",
  ...ENCODED.filter((path) => path.startsWith("%") || path.startsWith("..%")),
]);

async function attempt(gateway: FileGateway, verb: Verb, path: string): Promise<string | undefined> {
  try {
    const got = verb === "write" ? await gateway.write(path, Buffer.from("written")) : await gateway[verb](path);
    if (PLAIN.has(path)) return undefined;
    if (verb === "list" && (path === "docs/" || path === "")) return "listed";
    return `went through: ${JSON.stringify(got ?? null).slice(0, 60)}`;
  } catch (error) {
    return RuntimeFailure.is(error) ? undefined : `no code: ${String(error)}`;
  }
}

/** What came of the races. */
export interface Races extends Verdict {
  /** Rounds in which the place was a link at some moment. */
  readonly refused: number;
  readonly flips: number;
}

/** Reads, writes, lists and deletes in a folder that another process turns into a link to the outside and back. */
export async function race({ base, root, gateway, damage }: World, rounds: number): Promise<Races> {
  const stop = join(base, "outside", "..", "root", ".stop");
  const child = spawn(process.execPath, [join(import.meta.dirname, "file-flipper.ts"), root, stop], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const flips = new Promise<number>((resolve) => child.stdout.on("data", (data: Buffer) => resolve(Number(data))));
  const failures: string[] = [];
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    const outcome = await raceOnce(gateway, round);
    if (outcome === "refused") refused += 1;
    else if (outcome !== "fine") failures.push(`round ${round}: ${outcome}`);
  }
  writeFileSync(stop, "");
  const count = await flips;
  await new Promise((resolve) => child.once("close", resolve));
  return {
    cases: rounds,
    failures: [...failures, ...damage().map((path) => `changed outside: ${path}`)],
    refused,
    flips: count,
  };
}

async function raceOnce(gateway: FileGateway, round: number): Promise<string> {
  try {
    switch (round % 4) {
      case 0:
        return isCanary(await gateway.read("flip/x.txt"));
      case 1:
        await gateway.write("flip/w.txt", Buffer.from("w"));
        return "fine";
      case 2:
        return (await gateway.list("flip")).entries.some(({ name }) => name === "secret.txt")
          ? "listed the outside"
          : "fine";
      default:
        return isCanary(await gateway.read("file.txt"));
    }
  } catch (error) {
    return RuntimeFailure.is(error) ? "refused" : `no code: ${String(error)}`;
  }
}

function isCanary(content: Buffer): string {
  return content.toString().includes(CANARY) ? "read the outside" : "fine";
}
