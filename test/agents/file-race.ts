import { execFileSync, spawn } from "node:child_process";
import { lstatSync, mkdirSync, symlinkSync, writeFileSync, type BigIntStats } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { RuntimeFailure } from "../../src/base/index.ts";
import { createFileGateway } from "../../src/tools/index.ts";
import { CANARY, type World } from "./file-world.ts";

/** Who is tried: our gateway, or what many write instead. */
export interface Contestant {
  readonly read: (path: string) => Promise<Buffer>;
  readonly list: (path: string) => Promise<readonly string[]>;
  readonly write?: (path: string) => Promise<void>;
  readonly remove?: (path: string) => Promise<void>;
}

/** What came of the races. */
export interface Races {
  readonly rounds: number;
  /** Rounds during which what stands at the name changed. */
  readonly flipped: number;
  /** Rounds that ended otherwise than what stood there at their start calls for: the flip came between look and use. */
  readonly torn: number;
  readonly flips: number;
  /** Everything that was read, listed, written or removed outside. */
  readonly leaks: readonly string[];
  readonly failures: readonly string[];
}

interface Round {
  /** What is flipped. */
  readonly name: string;
  readonly verb: "read" | "list" | "write" | "remove";
  readonly path: string;
}

const FOLDERS = [
  ["a/flip", "a/flip"],
  ["b/mid", "b/mid/leaf"],
] as const;
const PIPED = "e/file.txt";
const FLICKERING = "f/file.txt";
const ROUNDS: readonly Round[] = [
  ...FOLDERS.flatMap(([name, folder]): readonly Round[] => [
    { name, verb: "read", path: `${folder}/x.txt` },
    { name, verb: "list", path: folder },
    { name, verb: "write", path: `${folder}/w.txt` },
    { name, verb: "remove", path: `${folder}/w.txt` },
  ]),
  ...["c/file.txt", "d/file.txt", PIPED].flatMap((name): readonly Round[] => [
    { name, verb: "read", path: name },
    { name, verb: "read", path: name },
    { name, verb: "write", path: name },
    { name, verb: "remove", path: name },
  ]),
  ...Array.from({ length: 4 }, (): Round => ({ name: FLICKERING, verb: "read", path: FLICKERING })),
];

const isLook = ({ name, verb }: Round): boolean => name !== PIPED && (verb === "read" || verb === "list");

/** Gives our gateway as a contestant. */
export function ours(root: string): Contestant {
  const gateway = createFileGateway(root);
  return {
    read: gateway.read,
    list: async (path) => (await gateway.list(path)).entries.map(({ name }) => name),
    write: async (path) => await gateway.write(path, Buffer.from("inside, written")),
    remove: async (path) => await gateway.remove(path),
  };
}

/** What is written where nobody thinks of races: the real path and the size are checked, then the path is used. */
export function careless(root: string): Contestant {
  const check = async (path: string): Promise<string> => {
    const real = await realpath(join(root, path));
    if (real.startsWith(`${root}/`) && (await stat(real)).size < 1_000_000) return join(root, path);
    throw new RuntimeFailure("permanent", "outside", { code: "FILE_REFUSED" });
  };
  return {
    read: async (path) => await readFile(await check(path)),
    list: async (path) => await readdir(await check(path)),
  };
}

/** How long it is raced. */
export interface Course {
  readonly rounds: number;
  /** For the careless one: it would wait for ever at a pipe, and soon have overwritten what it must not read. */
  readonly looksOnly?: boolean;
}

/** Lets a contestant use names that another process flips. */
export async function race({ base, root, damage }: World, contestant: Contestant, course: Course): Promise<Races> {
  const { rounds, looksOnly = false } = course;
  const tracks = ROUNDS.filter((round) => !looksOnly || isLook(round));
  const stop = join(base, ".stop");
  prepare(root, join(base, "outside"));
  damage();
  const arguments_ = [join(import.meta.dirname, "file-flipper.ts"), root, join(base, "outside"), stop];
  const child = spawn(process.execPath, arguments_, { stdio: ["ignore", "pipe", "inherit"] });
  let flips = "";
  child.stdout.on("data", (data: Buffer) => (flips += String(data)));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const tally = { flipped: 0, torn: 0, leaks: new Array<string>(), failures: new Array<string>() };
  await firstFlip(root, damage);
  for (let index = 0; index < rounds; index += 1) {
    const round = tracks[index % tracks.length];
    if (round !== undefined) await play(contestant, { root, round }, tally);
  }
  writeFileSync(stop, "");
  await ended;
  const touched = damage().filter((path) => path !== base);
  return {
    rounds,
    ...tally,
    flips: Number(flips),
    leaks: [...tally.leaks, ...touched.map((path) => `touched ${path}`)],
  };
}

function prepare(root: string, outside: string): void {
  for (const folder of ["a/flip", "b/mid/leaf", "c", "d", "e", "f"]) mkdirSync(join(root, folder), { recursive: true });
  for (const file of ["a/flip/x.txt", "b/mid/leaf/x.txt", "c/file.txt", "d/file.txt", "e/file.txt"])
    writeFileSync(join(root, file), "inside");
  for (const folder of ["a", "b"]) symlinkSync(outside, join(root, folder, ".link"));
  execFileSync("mkfifo", [join(root, ".pipe")]);
}

async function firstFlip(root: string, damage: World["damage"]): Promise<void> {
  const { mtimeNs } = lstatSync(join(root, "e"), { bigint: true });
  while (lstatSync(join(root, "e"), { bigint: true }).mtimeNs === mtimeNs)
    await new Promise((resolve) => setTimeout(resolve, 10));
  damage();
}

interface Tally {
  flipped: number;
  torn: number;
  readonly leaks: string[];
  readonly failures: string[];
}

async function play(
  contestant: Contestant,
  { root, round }: { readonly root: string; readonly round: Round },
  tally: Tally,
): Promise<void> {
  const before = look(join(root, round.name));
  const outcome = await outcomeOf(contestant, round);
  const after = look(join(root, round.name));
  if (before.id !== after.id && !mayBeOwn(round)) tally.flipped += 1;
  if (isTorn(before.kind, outcome)) tally.torn += 1;
  if (outcome === "leak") tally.leaks.push(`${round.verb} ${round.path}`);
  else if (!["fine", "refused", "missing"].includes(outcome))
    tally.failures.push(`${round.verb} ${round.path}: ${outcome}`);
}

/** A write or removal of our own changes a file's identity too; a folder's only the flips do. */
const mayBeOwn = ({ name, path, verb }: Round): boolean => name === path && verb !== "read";

/** Tells whether what came of it belongs to another thing than what stood there just before. */
const isTorn = (kind: Kind, outcome: string): boolean =>
  (kind === "trap" && outcome === "fine") || (kind === "real" && outcome === "refused");

type Kind = "real" | "trap" | "nothing";

function look(path: string): { readonly kind: Kind; readonly id: string } {
  let facts: BigIntStats;
  try {
    facts = lstatSync(path, { bigint: true });
  } catch {
    return { kind: "nothing", id: "" };
  }
  const isReal = facts.isDirectory() || (facts.isFile() && facts.nlink === 1n);
  return { kind: isReal ? "real" : "trap", id: `${facts.ino}` };
}

async function outcomeOf(contestant: Contestant, { verb, path }: Round): Promise<string> {
  try {
    if (verb === "read") return judge((await contestant.read(path)).toString());
    if (verb === "list") return judge((await contestant.list(path)).join());
    await contestant[verb]?.(path);
    return "fine";
  } catch (error) {
    if (RuntimeFailure.is(error)) return error.code === "FILE_NOT_FOUND" ? "missing" : "refused";
    return error instanceof Error && "code" in error && error.code === "ENOENT"
      ? "missing"
      : `no code: ${String(error)}`;
  }
}

/** Outside there are a text and names that are nowhere inside. */
function judge(seen: string): string {
  return seen.includes(CANARY) || seen.includes("secret.txt") ? "leak" : "fine";
}
