import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RuntimeFailure } from "../../src/base/index.ts";
import { openGateway, type FileGateway } from "../../src/tools/files/gateway.ts";
import type { Way } from "../../src/tools/files/walk.ts";
import { pathCases, type Expected } from "./file-cases.ts";

/** What must never be read. */
export const CANARY = "CANARY-OUTSIDE";
/** The same for all worlds, which may be there side by side: only what stands in it counts. */
const FAR = "/tmp/pawl-file-canary.txt";

/** A root among places that must stay untouched. */
export interface World {
  readonly base: string;
  readonly root: string;
  /** What has happened outside since the last time it was asked; empty: nothing, not even a look. */
  readonly damage: () => readonly string[];
  readonly close: () => void;
}

/** Makes a root with links, hard links, pipes and devices in it, and canaries around it. */
export async function makeWorld(): Promise<World> {
  const base = mkdtempSync(join(tmpdir(), "pawl-files-"));
  const root = join(base, "root");
  for (const folder of ["root/docs", "outside/sub", "outside/leaf", "root-evil"])
    mkdirSync(join(base, folder), { recursive: true });
  const canaries = ["outside/secret.txt", "outside/x.txt", "outside/w.txt", "outside/hard.txt", "outside/sub/deep.txt"];
  for (const file of [...canaries, "outside/leaf/x.txt", "outside/leaf/w.txt", "root-evil/secret.txt", "secret.txt"])
    writeFileSync(join(base, file), CANARY);
  // Where others would name a file of the system: a gateway that is broken on purpose must not destroy the machine.
  if (tried(() => readFileSync(FAR, "utf8")) !== CANARY) writeFileSync(FAR, CANARY);
  writeFileSync(join(root, "a.txt"), "alpha");
  writeFileSync(join(root, "docs/b.txt"), "beta");
  makeLinks(root, base);
  for (const pipe of ["pipe", "docs/pipe"]) execFileSync("mkfifo", [join(root, pipe)]);
  const server = createServer().listen(join(root, "socket"));
  await new Promise((resolve) => server.once("listening", resolve));
  makeDevice(join(root, "device"));
  const watched = watch(base);
  return {
    base,
    root,
    damage: watched,
    close: () => {
      server.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function makeLinks(root: string, base: string): void {
  const outside = join(base, "outside");
  const links: readonly (readonly [target: string, name: string])[] = [
    [join(outside, "secret.txt"), "link.txt"],
    ["../outside/secret.txt", "relative-link.txt"],
    ["a.txt", "inner-link.txt"],
    [join(outside, "new.txt"), "dangling.txt"],
    ["../root-evil/secret.txt", "evil-link.txt"],
    ["link.txt", "link-2.txt"],
    ["../../outside/secret.txt", "docs/up-link.txt"],
    ["/dev/zero", "zero"],
    ["/dev/stdin", "stdin"],
    ["/proc/self/environ", "environ"],
    ["loop", "loop"],
    ["loop-b", "loop-a"],
    ["loop-a", "loop-b"],
    [outside, "link-dir"],
    ["link-dir", "chain"],
    ["chain", "chain-2"],
    ["docs", "inner-dir"],
    ["../..", "docs/up"],
    ["/", "slash"],
    ["/proc/self", "proc"],
  ];
  for (const [target, name] of links) symlinkSync(target, join(root, name));
  linkSync(join(outside, "secret.txt"), join(root, "hard.txt"));
  linkSync(join(outside, "sub/deep.txt"), join(root, "docs/hard.txt"));
  writeFileSync(join(root, "two-names.txt"), "inside, twice");
  linkSync(join(root, "two-names.txt"), join(root, "hard-in.txt"));
}

/** Only the system's owner may make a device; elsewhere a second pipe stands in. */
function makeDevice(path: string): void {
  try {
    execFileSync("mknod", [path, "c", "1", "5"], { stdio: "ignore" });
  } catch {
    execFileSync("mkfifo", [path]);
  }
}

const OLD = 1_000_000_000;

/** Looks at all that is outside: contents, names, times of change, and of the last access, which every read would move. */
function watch(base: string): () => readonly string[] {
  const folders = [base, "outside", "outside/sub", "outside/leaf", "root-evil"].map((name) =>
    join(base, name.replace(base, "")),
  );
  const listed = new Map(folders.map((folder) => [folder, readdirSync(folder).toSorted().join()]));
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .map((name) => join(folder, name))
      .filter((path) => lstatSync(path).isFile()),
  );
  // Linux moves the time of access only where it lies before the last change, unless it is a day old.
  const watched = [...folders.slice(1), ...files];
  for (const path of watched) utimesSync(path, OLD, statSync(path).mtime);
  const facts = (path: string): string => {
    const { ino, size, mode, mtimeNs, atimeNs } = lstatSync(path, { bigint: true });
    return [ino, size, mode, mtimeNs, atimeNs].join();
  };
  const before = new Map(watched.map((path) => [path, facts(path)]));
  return () => {
    const touched = watched.filter((path) => tried(() => facts(path)) !== before.get(path));
    const relisted = folders.filter(
      (folder) => tried(() => readdirSync(folder).toSorted().join()) !== listed.get(folder),
    );
    const rewritten = [...files, FAR].filter((path) => tried(() => readFileSync(path, "utf8")) !== CANARY);
    // To look was to touch.
    for (const path of watched) tried(() => utimesSync(path, OLD, statSync(path).mtime));
    return [...new Set([...touched, ...relisted, ...rewritten])];
  };
}

function tried<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** Tells whether this file system notes when a file is read; else only what comes back tells. */
export function notesReads(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "pawl-atime-"));
  const file = join(folder, "file");
  writeFileSync(file, "x");
  utimesSync(file, OLD, statSync(file).mtime);
  readFileSync(file);
  const isMoved = statSync(file).atimeMs !== OLD * 1_000;
  rmSync(folder, { recursive: true });
  return isMoved;
}

const VERBS = ["read", "list", "write", "remove"] as const;
type Verb = (typeof VERBS)[number];

/** What came of trying. */
export interface Verdict {
  readonly paths: number;
  readonly cases: number;
  /** What got through, did harm, hung, or failed otherwise than it should. */
  readonly failures: readonly string[];
}

/** Tries all paths of the corpus, each with reading, listing, writing and deleting. */
export async function tryPaths({ root, base, damage }: World, way: Way): Promise<Verdict> {
  const gateway = openGateway(root, { maxBytes: 10_000, maxEntries: 50 }, way);
  const failures: string[] = [];
  const cases = pathCases(base);
  for (const [path, expected] of cases) {
    for (const verb of VERBS) {
      const fault = await judge(gateway, { verb, path, expected });
      const shown = `${way}: ${verb} ${JSON.stringify(path.slice(0, 60))}`;
      if (fault !== undefined) failures.push(`${shown}: ${fault}`);
      failures.push(...damage().map((touched) => `${shown}: touched ${touched}`));
    }
  }
  return { paths: cases.length, cases: cases.length * VERBS.length, failures };
}

interface Attempt {
  readonly verb: Verb;
  readonly path: string;
  readonly expected: Expected;
}

/** A path that waits for the other end of a pipe would wait for ever. */
const PATIENCE_MS = 5_000;

async function judge(gateway: FileGateway, attempt: Attempt): Promise<string | undefined> {
  const timer = new AbortController();
  const patience = sleep(PATIENCE_MS, "hung", { signal: timer.signal }).catch(() => "hung");
  const outcome = await Promise.race([outcomeOf(gateway, attempt), patience]);
  timer.abort();
  return typeof outcome === "string" ? outcome : faultIn(outcome, attempt);
}

type Came = { readonly got: unknown } | { readonly error: RuntimeFailure };

async function outcomeOf(gateway: FileGateway, { verb, path }: Attempt): Promise<Came | string> {
  try {
    if (verb === "write") return { got: await gateway.write(path, Buffer.from("written")) };
    return { got: await gateway[verb](path) };
  } catch (error) {
    return RuntimeFailure.is(error) ? { error } : `no code: ${String(error)}`;
  }
}

/** A plain name is not there, is then written, and is then removed. */
const PLAIN_CODES: Readonly<Record<Verb, string | undefined>> = {
  read: "FILE_NOT_FOUND",
  list: "FILE_NOT_FOUND",
  write: undefined,
  remove: undefined,
};

function faultIn(came: Came, { verb, expected }: Attempt): string | undefined {
  const code = "error" in came ? came.error.code : undefined;
  if (expected === "plain") return code === PLAIN_CODES[verb] ? undefined : `it gave ${code ?? "no error"}`;
  if (!("error" in came)) return `it went through: ${JSON.stringify(came.got ?? null).slice(0, 60)}`;
  // A file that is listed is no folder, whatever else it is.
  const isSaid = verb === "list" || (expected.says ?? /./u).test(came.error.message);
  if (code === expected.code && isSaid) return undefined;
  return `it gave ${came.error.code}: ${came.error.message}`;
}
