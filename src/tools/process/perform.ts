import type { AttemptContext } from "../../action/index.ts";
import { toExcerpt } from "../../base/index.ts";
import { toEnvironment, toSecrets, type ProcessKind } from "./environment.ts";
import type { ProcessSettings } from "./options.ts";
import type { Reading } from "./outcome.ts";
import { runProcess, type Ending } from "./spawn.ts";

/** One use of a command: why, what, and with which data. */
export interface Use {
  readonly kind: ProcessKind;
  readonly argv: readonly string[];
  /** Goes to standard input as one JSON document and a line break. */
  readonly stdin: unknown;
  readonly settings: ProcessSettings;
  readonly context: AttemptContext<unknown> & { readonly undoes?: string };
}

const DEFAULT_MOST_BYTES = 8_388_608;
const DEFAULT_GRACE_MS = 2_000;

/** Runs a command for an attempt; gives how it ended and how that is to be read. */
export async function perform(use: Use): Promise<{ readonly ending: Ending; readonly reading: Reading }> {
  const { settings, context, argv, kind } = use;
  const maxOutputBytes = settings.maxOutputBytes ?? DEFAULT_MOST_BYTES;
  const ending = await runProcess({
    argv,
    cwd: settings.cwd,
    env: toEnvironment(process.env, settings, { ...context, kind }),
    stdin: `${JSON.stringify(use.stdin ?? null)}\n`,
    maxOutputBytes,
    graceMs: settings.graceMs ?? DEFAULT_GRACE_MS,
    signal: context.signal,
    onOutput: context.alive,
  });
  const reading: Reading = {
    program: JSON.stringify(toExcerpt(argv[0] ?? "", 200)),
    okExitCodes: settings.okExitCodes ?? [0],
    output: settings.output ?? "json",
    maxOutputBytes,
    secrets: toSecrets(process.env, settings),
  };
  return { ending, reading };
}
