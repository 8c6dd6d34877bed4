const MOST = 3;
/** Comparing is quadratic in the length. */
const LONGEST = 100;

/** Gives up to three names that were probably meant, the likeliest first: they share words, or pairs of letters. */
export function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const wanted = featuresOf(name);
  return names
    .map((candidate) => ({ candidate, likeness: likeness(wanted, featuresOf(candidate)) }))
    .filter((one) => one.likeness >= 0.3)
    .sort((one, other) => other.likeness - one.likeness)
    .slice(0, MOST)
    .map(({ candidate }) => candidate);
}

/** Dice's coefficient of what two names are made of: models forget a prefix or turn words round more often than they misspell. */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  if (one.size + other.size === 0) return 0;
  return (2 * countShared(one, other)) / (one.size + other.size);
}

function featuresOf(name: string): ReadonlySet<string> {
  const words = name
    .slice(0, LONGEST)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/gu, " ")
    .toLowerCase()
    .split(/[^a-z0-9]+/u)
    .filter((word) => word !== "");
  const text = words.join("");
  const pairs = Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2));
  return new Set([...words.map((word) => `=${word}`), ...pairs]);
}

function countShared(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let shared = 0;
  for (const feature of one) if (other.has(feature)) shared++;
  return shared;
}
