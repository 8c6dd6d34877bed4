import { InputError } from "../../base/index.ts";

/** Follows names to an address; a name that leads back to itself is refused. */
export function followAliases(address: string, aliases: Readonly<Record<string, string>>): string {
  const seen = [address];
  for (let name = address; ;) {
    const next = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    if (next === undefined) return name;
    if (seen.includes(next)) {
      const path = [...seen, next].join(" -> ");
      throw new InputError("MODEL_BAD_ADDRESS", `Expected aliases that end in an address, got ${path}. Correct them.`);
    }
    seen.push(next);
    name = next;
  }
}
