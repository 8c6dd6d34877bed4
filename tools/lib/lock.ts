/** The part of a package-lock.json (version 2 or 3) that says what is installed and what may be. */
export interface Lock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Gives each optional dependency that a locked package names and the lock lacks, as `wanted by user`. */
export function findMissingOptional(lock: Lock): string[] {
  return Object.entries(lock.packages).flatMap(([place, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !isLocked(lock, place, name))
      .map((name) => `${name} wanted by ${place === "" ? "the root package" : place}`),
  );
}

/** Looks where Node would: in the package's own node_modules, then in that of each folder above it. */
function isLocked(lock: Lock, place: string, name: string): boolean {
  const parts = place === "" ? [] : place.split("/");
  for (let depth = parts.length; depth >= 0; depth -= 1) {
    const folder = parts.slice(0, depth);
    if (folder.at(-1) === "node_modules") continue;
    if ([...folder, "node_modules", name].join("/") in lock.packages) return true;
  }
  return false;
}
