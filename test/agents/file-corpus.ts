/**
 * `file-corpus.ts [ROUNDS]`: the file gateway against a corpus of paths, and against a process that flips folders and files
 * into links meanwhile. What many write instead is raced too: if nothing leaks there, the race proves nothing. The last line
 * counts; exit code 1 on a failure.
 */
import { makeWorld, notesReads, tryPaths, type World } from "./file-world.ts";
import { careless, ours, race, type Races } from "./file-race.ts";

async function inWorld<T>(use: (world: World) => Promise<T>): Promise<T> {
  const world = await makeWorld();
  try {
    return await use(world);
  } finally {
    world.close();
  }
}

const rounds = Number(process.argv[2] ?? 2_000);
const held = await inWorld((world) => tryPaths(world, "held"));
const named = await inWorld((world) => tryPaths(world, "named"));
const races = await inWorld((world) => race(world, ours(world.root), { rounds }));
const control: Races = await inWorld((world) =>
  race(world, careless(world.root), { rounds: Math.ceil(rounds / 2), looksOnly: true }),
);

const failures = [...held.failures, ...named.failures, ...races.leaks, ...races.failures];
if (races.torn < rounds / 50) failures.push(`the flips did not interleave: only ${races.torn} rounds were torn`);
if (control.leaks.length === 0) failures.push("the careless control did not leak: the race proves nothing");
for (const failure of failures.slice(0, 20)) console.log(failure);
if (!notesReads()) console.log("this file system does not note reads: they are judged by what came back");
const text =
  `${held.paths} paths, ${held.cases + named.cases} cases; ${rounds} race rounds, ${races.flips} flips, ` +
  `${races.flipped} rounds flipped, ${races.torn} between look and use; ${races.leaks.length} leaks ` +
  `(the careless control: ${control.leaks.length} in ${control.rounds} rounds); ${failures.length} failures`;
console.log(`RESULT ${failures.length === 0 ? "ok" : "fail"}: ${text}`);
process.exit(failures.length === 0 ? 0 : 1);
