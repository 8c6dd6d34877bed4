/** The file gateway against a corpus of paths, and against a process that flips folders and files into links meanwhile. */
import { makeWorld, race, tryPaths } from "./file-world.ts";

const rounds = Number(process.argv[2] ?? 2_000);
const world = makeWorld();
const paths = await tryPaths(world);
world.remove();
const field = makeWorld();
const races = await race(field, rounds);
field.remove();
for (const failure of [...paths.failures, ...races.failures].slice(0, 20)) console.log(failure);
const hit = races.refused > rounds / 50 && races.refused < rounds;
if (!hit) console.log(`the flips did not interleave: ${races.refused} of ${rounds} rounds were refused`);
const isOk = paths.failures.length + races.failures.length === 0 && hit;
const text = `${paths.cases} cases of paths, ${races.cases} race rounds (${races.refused} met a link, ${races.flips} flips), ${paths.failures.length + races.failures.length} failures, 0 bytes outside`;
console.log(isOk ? `RESULT ok: ${text}` : `RESULT fail: ${text.replace(", 0 bytes outside", "")}`);
process.exitCode = isOk ? 0 : 1;
