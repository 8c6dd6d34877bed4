import { PermanentError, RuntimeFailure, TransientError } from "../../base/index.ts";

/** Why the system does not do something, in words; what is not here may work later. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ["ELOOP", "it is a link, or no folder"],
  ["ENOTDIR", "it is a link, or no folder"],
  ["EMLINK", "it is a link, or no folder"],
  ["ENXIO", "it is no regular file"],
  ["EISDIR", "it is no regular file"],
  ["ENODEV", "it is no regular file"],
  ["ENAMETOOLONG", "its name is too long"],
  ["EACCES", "the system does not allow it"],
  ["EPERM", "the system does not allow it"],
  ["EROFS", "the system does not allow it"],
]);

/** Turns what the system says of a name into an error with a code. */
export function toFileError(error: unknown, name: string): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  const reason = REASONS.get(code);
  if (reason !== undefined) return refusal(name, reason);
  return code === "ENOENT" ? missing(name) : failed(name, code, { cause: error });
}

function failed(
  name: string,
  code: string,
  options: { readonly cause: unknown; readonly mayHaveActed?: boolean },
): TransientError {
  const message = `The system could not do it for ${JSON.stringify(name)} and says ${code}. Is the disk full or failing, or are too many files open?`;
  return new TransientError("FILE_FAILED", message, options);
}

/** The system's own word for what went wrong, such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || RuntimeFailure.is(error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Does what the system may refuse, and gives its refusals a code. */
export async function withReasons<T>(name: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw toFileError(error, name);
  }
}

/** Does what comes after a change: where that fails, the change has happened all the same. */
export async function afterwards(name: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    throw failed(name, systemCode(cause) ?? String(cause), { cause, mayHaveActed: true });
  }
}

/** Says why something is not touched. */
export function refusal(name: string, why: string): PermanentError {
  return new PermanentError("FILE_REFUSED", `${JSON.stringify(name)} is refused: ${why}.`);
}

/** Says that there is nothing of that name. */
export function missing(name: string): PermanentError {
  const message = `There is no ${JSON.stringify(name)} here. List the folder to see what there is.`;
  return new PermanentError("FILE_NOT_FOUND", message);
}

/** Tells whether an error says that there is nothing of that name. */
export function isMissing(error: unknown): boolean {
  return RuntimeFailure.is(error) && error.code === "FILE_NOT_FOUND";
}

/** Says that a file is larger than what is read or written. */
export function tooLarge(name: string, most: number): PermanentError {
  const message = `${JSON.stringify(name)} is larger than ${most} bytes. Take a part of it, or raise maxBytes.`;
  return new PermanentError("FILE_TOO_LARGE", message);
}

/** Says that a file is not what it was when it was looked at. `mayHaveActed`: only after something was done to it. */
export function changed(name: string, what: string, mayHaveActed = false): PermanentError {
  return new PermanentError("FILE_CHANGED", `${JSON.stringify(name)} was changed by someone else: ${what}`, {
    mayHaveActed,
  });
}
