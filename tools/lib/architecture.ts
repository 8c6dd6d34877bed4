import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { ROOT } from "./paths.ts";
import { readFacts, type Found, type Reference, type SourceFacts } from "./source-facts.ts";

/**
 * Which rooms a room may import, by name. `drivers/*` is each engine's folder, `*` is every room, and
 * `type plan` allows only `import type` from it.
 */
export type Rooms = Readonly<Record<string, readonly string[]>>;

const COMPOSITION_ROOT = "src/index.ts";
const ERROR_BASE = "src/base/errors/runtime-failure.ts";

/** Reads every TypeScript file of these folders, tests included. */
export function readSources(folders: readonly string[]): SourceFacts[] {
  return folders
    .flatMap((folder) => (existsSync(join(ROOT, folder)) ? globSync(`${folder}/**/*.ts`, { cwd: ROOT }) : []))
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !file.includes("/node_modules/"))
    .toSorted()
    .map((file) => readFacts(file, readFileSync(join(ROOT, file), "utf8")));
}

/** Gives each import of a file in src that the table forbids, and each file that stands in no room of the table. */
export function findForbiddenImports(file: SourceFacts, rooms: Rooms): string[] {
  const room = roomOf(file.path);
  if (file.path.startsWith("src/") && !isRoom(room, rooms)) return [`${file.path}: stands in no room of the table`];
  return file.references.flatMap((reference) => {
    const target = resolveTarget(file.path, reference.what);
    if (target === undefined || (file.path.startsWith("src/") && roomOf(target) === room)) return [];
    const problem = judgeImport({ room, target, rooms, reference });
    return problem === undefined ? [] : [tell(file, reference, problem)];
  });
}

interface CrossImport {
  readonly room: string;
  readonly target: string;
  readonly rooms: Rooms;
  readonly reference: Reference;
}

function judgeImport({ room, target, rooms, reference }: CrossImport): string | undefined {
  const targetRoom = roomOf(target);
  if (!target.startsWith("src/")) return room === "" ? undefined : `${room} imports ${target}, which is outside src`;
  if (room === "") return `imports ${target}; only the package's public names may be imported here`;
  const allowed = room === COMPOSITION_ROOT ? ["*"] : (rooms[nameInTable(room, rooms)] ?? []);
  const names = allowed.filter((entry) => matches(entry.replace(/^type /, ""), targetRoom));
  if (names.length === 0) return `${room} may not import ${targetRoom}`;
  if (target === "src/index.ts") return undefined; // who may import all may also use the package as its users do
  if (target !== `src/${targetRoom}/index.ts`) return `enters ${targetRoom} by ${target} instead of its index.ts`;
  if (!reference.isTypeOnly && names.every((entry) => entry.startsWith("type "))) {
    return `${room} may only \`import type\` from ${targetRoom}`;
  }
  return undefined;
}

/** Gives each `export *`, and each re-export in a file that isn't a room's door. */
export function findReExports(file: SourceFacts): string[] {
  const isDoor = file.path.endsWith("/index.ts");
  return [
    ...file.starExports.map((found) => tell(file, found, `${found.what}; name what is exported`)),
    ...(isDoor
      ? []
      : file.reExports.map((found) => tell(file, found, `exports ${found.what} again outside an index.ts`))),
  ];
}

/** Gives each class that extends something other than the error base. */
export function findInheritance(file: SourceFacts): string[] {
  return file.superclasses
    .filter(({ what }) => what !== "RuntimeFailure" && !(what === "Error" && file.path === ERROR_BASE))
    .map((found) => tell(file, found, `a class extends ${found.what}; only RuntimeFailure may be extended`));
}

/** Gives each type assertion outside the allowed files, and each allowed file that no longer needs to be. */
export function findCasts(file: SourceFacts, allowed: Readonly<Record<string, string>>): string[] {
  if (!(file.path in allowed))
    return file.casts.map((found) => tell(file, found, `a type assertion with ${found.what}`));
  return file.casts.length === 0 ? [`${file.path}: has no type assertion, take it off the list`] : [];
}

/** Gives each enum, namespace and decorator. */
export function findRefusedSyntax(file: SourceFacts): string[] {
  return file.refusedSyntax.map((found) => tell(file, found, `${found.what} is not used here`));
}

/** Gives what a pure room must not use: clocks, timers, chance, Node's modules, and `await` unless allowed. */
export function findImpurities(file: SourceFacts, awaiting: readonly string[]): string[] {
  const mayAwait = awaiting.includes(file.path);
  return [
    ...file.impurities.filter(({ what }) => !(mayAwait && /\bawait$/.test(what))),
    ...file.references.filter(({ what, isTypeOnly }) => what.startsWith("node:") && !isTypeOnly),
  ].map((found) => tell(file, found, `${found.what} in a pure room`));
}

/** Gives each literal error code that the page doesn't name in backticks. */
export function findUnlistedCodes(file: SourceFacts, page: string): string[] {
  return file.codes
    .filter(({ what }) => !page.includes(`\`${what}\``))
    .map((found) => tell(file, found, `the error code ${found.what} is not in docs/errors.md`));
}

/** Says whether a file is a test, of values or of types. */
export function isTest(file: SourceFacts): boolean {
  return /\.test(-d)?\.ts$/.test(file.path);
}

function tell(file: SourceFacts, found: Found, problem: string): string {
  return `${file.path}:${found.line}: ${problem}`;
}

/** The room of a file: its folder under src, an engine's folder under src/drivers, or "" outside src. */
function roomOf(path: string): string {
  const [top, first = "", second = ""] = path.split("/");
  if (top !== "src") return "";
  if (path === COMPOSITION_ROOT) return COMPOSITION_ROOT;
  return first === "drivers" ? `drivers/${second}` : first;
}

function isRoom(room: string, rooms: Rooms): boolean {
  return room === COMPOSITION_ROOT || nameInTable(room, rooms) in rooms;
}

function nameInTable(room: string, rooms: Rooms): string {
  return room.startsWith("drivers/") && !room.endsWith(".ts") && !(room in rooms) ? "drivers/*" : room;
}

function matches(entry: string, room: string): boolean {
  return entry === "*" || entry === room || (entry === "drivers/*" && room.startsWith("drivers/"));
}

/** Gives the file that a relative import names, from the root; undefined for packages and Node's own modules. */
function resolveTarget(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : undefined;
}
