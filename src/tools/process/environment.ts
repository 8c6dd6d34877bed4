import type { AttemptContext } from "../../action/index.ts";
import type { ProcessSettings } from "./options.ts";

/** Why a process is run: to do the work, to undo it, or to find out whether it was done. */
export type ProcessKind = "run" | "undo" | "check";

/** Variables of a process, by name. */
export type Environment = Readonly<Record<string, string>>;

/** The facts of an attempt that a process is told. */
export type Attempt = Pick<AttemptContext<unknown>, "run" | "node" | "attempt" | "key" | "token"> & {
  readonly kind: ProcessKind;
  /** The key of the effect that is undone; only for an undo. */
  readonly undoes?: string;
};

const ALLOWED = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];
// Without these no program starts on Windows. They hold places, not secrets.
const ALLOWED_ON_WINDOWS = ["SYSTEMROOT", "WINDIR", "PATHEXT", "COMSPEC", "TEMP", "TMP", "USERPROFILE"];

/**
 * Gives the environment of a process: an allow-list out of Pawl's own, what the plan names, and the facts of the
 * attempt. An allow-list, since Pawl's own environment holds keys of models and shops that no command should inherit.
 */
export function toEnvironment(own: NodeJS.ProcessEnv, settings: ProcessSettings, attempt: Attempt): Environment {
  const allowed = Object.keys(own).filter(isAllowed);
  return {
    ...pick(own, [...allowed, ...(settings.passEnv ?? [])]),
    ...settings.env,
    PAWL_RUN: attempt.run,
    PAWL_NODE: attempt.node,
    PAWL_ATTEMPT: String(attempt.attempt),
    PAWL_KEY: attempt.key,
    PAWL_TOKEN: String(attempt.token),
    PAWL_KIND: attempt.kind,
    ...(attempt.undoes !== undefined && { PAWL_UNDOES: attempt.undoes }),
  };
}

/** Gives the values that must not be shown: what was passed on by name. */
export function toSecrets(own: NodeJS.ProcessEnv, settings: ProcessSettings): Environment {
  return pick(own, settings.passEnv ?? []);
}

function isAllowed(name: string): boolean {
  if (ALLOWED.includes(name) || name.startsWith("LC_")) return true;
  return process.platform === "win32" && [...ALLOWED, ...ALLOWED_ON_WINDOWS].includes(name.toUpperCase());
}

function pick(own: NodeJS.ProcessEnv, names: readonly string[]): Environment {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = own[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
