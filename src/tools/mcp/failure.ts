import {
  CancelledError,
  PermanentError,
  RuntimeFailure,
  toExcerpt,
  toPrintable,
  TransientError,
} from "../../base/index.ts";
import { STREAM_LOST } from "./http-transport.ts";
import { isUnsent } from "./stdio-transport.ts";

/** Whose failure it is. */
export interface Failing {
  /** `SERVER`, or `SERVER.TOOL`. */
  readonly who: string;
  /** Undefined: it was no call, so that nothing can have been done. */
  readonly call: { readonly isQuery: boolean; readonly signal: AbortSignal } | undefined;
  readonly hide: (text: string) => string;
}

/** JSON-RPC 2.0 section 5.1: the server has looked at the request and did not begin. */
const NOT_BEGUN: readonly number[] = [-32_700, -32_600, -32_601, -32_602];
/** The connection was never made, so nothing was asked. */
const NEVER_SENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|CERT_.*|ERR_TLS_.*|ERR_SSL_.*|.*_CERT.*)$/u;
const LONGEST = 1_000;

/**
 * Makes the error of a call, or of opening a session, out of whatever the library threw.
 *
 * 1. A call that may have reached the server, and has no answer, is in doubt (`mayHaveActed`), unless it only reads.
 * 2. An answer that is an error of the protocol is a failure of the tool; one that says "not begun" leaves no doubt.
 *
 * The library's errors are told by their fields: it may be there twice.
 */
export function toFailure(error: unknown, failing: Failing, lastWords = ""): RuntimeFailure {
  if (RuntimeFailure.is(error)) return error;
  if (failing.call?.signal.aborted === true) return stopped(error, failing);
  const status = findStatus(error);
  if (status !== undefined) return ofStatus(error, status, failing);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code === "number" && code !== STREAM_LOST) return ofProtocol(error, code, failing);
  if (code === "INVALID_RESULT" && failing.call !== undefined) return badResult(error, failing);
  return lost(error, failing, lastWords);
}

/** Tells whether the server has said that it does not know the session: it has then done nothing. */
export function isSessionUnknown(error: unknown): boolean {
  const status = findStatus(error);
  return status === 404 || status === 400;
}

function findStatus(error: unknown): number | undefined {
  return error instanceof Error && "status" in error && typeof error.status === "number" ? error.status : undefined;
}

function stopped(cause: unknown, { who }: Failing): CancelledError {
  const message = `${who} was told to stop. The server may have acted all the same.`;
  return new CancelledError("MCP_STOPPED", message, { cause });
}

function ofStatus(cause: unknown, status: number, failing: Failing): RuntimeFailure {
  const said = `The server of ${failing.who} answered HTTP ${status}: ${words(cause, failing)}.`;
  if (status === 429 || status === 503) {
    return new TransientError("MCP_UNREACHABLE", `${said} It takes no calls now; nothing was done.`, { cause });
  }
  if (status >= 500) {
    return new TransientError("MCP_CONNECTION_LOST", `${said} ${doubt(failing)}`, {
      cause,
      mayHaveActed: isInDoubt(failing),
    });
  }
  const fix = status === 401 || status === 403 ? "Check the `headers` of the connection." : "Check the server's `url`.";
  return new PermanentError("MCP_REFUSED", `${said} Nothing was done. ${fix}`, { cause });
}

function ofProtocol(cause: unknown, code: number, failing: Failing): RuntimeFailure {
  const message = `${failing.who} failed (${code}). Its words: ${words(cause, failing)}`;
  if (failing.call === undefined) return new PermanentError("MCP_REFUSED", message, { cause });
  const mayHaveActed = isInDoubt(failing) && !NOT_BEGUN.includes(code);
  return new PermanentError("TOOL_FAILED", message, { cause, mayHaveActed });
}

function badResult(cause: unknown, failing: Failing): RuntimeFailure {
  const message = `${failing.who} gave a result that can't be used: ${words(cause, failing)}. Report it to the server's makers.`;
  return new PermanentError("MCP_BAD_RESULT", message, { cause, mayHaveActed: isInDoubt(failing) });
}

function lost(cause: unknown, failing: Failing, lastWords: string): RuntimeFailure {
  const reason = findReason(cause);
  const isRefused = reason instanceof Error && "code" in reason && NEVER_SENT.test(String(reason.code));
  const end = toPrintable(failing.hide(lastWords)).trim();
  const told = end === "" ? "" : ` The end of its standard error:\n${end}`;
  if (failing.call === undefined || isRefused || isUnsent(cause)) {
    const message = `The server of ${failing.who} can't be reached (${words(reason, failing)}); nothing was done. Check that it can be started or is up.${told}`;
    return new TransientError("MCP_UNREACHABLE", message, { cause });
  }
  const message = `The connection to the server of ${failing.who} was lost (${words(reason, failing)}). ${doubt(failing)}${told}`;
  return new TransientError("MCP_CONNECTION_LOST", message, { cause, mayHaveActed: isInDoubt(failing) });
}

const isInDoubt = ({ call }: Failing): boolean => call?.isQuery === false;

const doubt = (failing: Failing): string =>
  isInDoubt(failing) ? "It is not known whether it acted." : "It may be tried again.";

/** The reason that fetch hides behind "fetch failed". */
function findReason(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

function words(error: unknown, { hide }: Failing): string {
  const said = error instanceof Error ? error.message || error.name : String(error);
  return toExcerpt(hide(said), LONGEST);
}
