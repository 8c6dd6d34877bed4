import type { FileGateway } from "./gateway.ts";
import type { Vault } from "./vault.ts";

/** What the tools for files work with. */
export interface Desk {
  readonly name: string;
  readonly gateway: FileGateway;
  readonly vault: Vault;
  /** What was not written here is not `untrusted`. */
  readonly isTrusted: boolean;
  /** One after the other: each change looks at what is there first, and each read at labels that fit. */
  readonly inTurn: <T>(act: () => Promise<T>) => Promise<T>;
}

/** Gives a function that does one thing after the other, whatever becomes of them. */
export function createTurns(): Desk["inTurn"] {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const next = last.then(act);
    last = next.catch(() => undefined);
    return next;
  };
}
