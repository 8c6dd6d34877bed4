import type { StoredEvent } from "../../store/index.ts";
import type { CliContext } from "../context.ts";
import { readDesk } from "../desk.ts";
import { tellEvent } from "../event-line.ts";
import { EXIT } from "../exit-codes.ts";
import { toJsonText } from "../text.ts";

/** `pawl runs events ID`. */
export async function performRunsEvents(context: CliContext): Promise<number> {
  const { options, isJson, write } = context;
  const from = options.count("from", 1) ?? 1;
  const { client } = await readDesk(context);
  try {
    const run = await client.run(context.arguments[0] ?? "");
    const { seq: last } = await run.report();
    const isFollowing = options.has("follow");
    if (from > last && !isFollowing) return EXIT.ok;
    for await (const stored of run.events({ from })) {
      write(isJson ? toJsonText(toEventOut(stored)) : toLine(stored));
      if (!isFollowing && stored.seq >= last) break;
    }
    return EXIT.ok;
  } finally {
    await client.close();
  }
}

/** A record as --json prints it, one a line. */
function toEventOut({ seq, epoch, hash, digest, event }: StoredEvent): object {
  return { seq, epoch, hash, digest, event };
}

function toLine({ seq, event }: StoredEvent): string {
  return `${String(seq).padStart(4)}  ${new Date(event.at).toISOString()}  ${tellEvent(event)}`;
}
