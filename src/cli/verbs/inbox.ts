import type { WaitReport } from "../../plan/index.ts";
import { howToAnswer } from "../advice.ts";
import type { CliContext } from "../context.ts";
import { readDesk } from "../desk.ts";
import { EXIT } from "../exit-codes.ts";
import { toWaitOut } from "../outcome.ts";
import { brief, oneLine, toJsonText } from "../text.ts";

/** `pawl inbox`. */
export async function performInbox(context: CliContext): Promise<number> {
  const { client, folder } = await readDesk(context);
  try {
    const waits: WaitReport[] = [];
    for await (const wait of client.waits()) waits.push(wait);
    if (context.isJson) context.write(toJsonText({ waits: waits.map(toWaitOut) }));
    else show(context, waits, folder);
    return EXIT.ok;
  } finally {
    await client.close();
  }
}

function show({ write, say, paint }: CliContext, waits: readonly WaitReport[], folder: string): void {
  if (waits.length === 0) return say("nobody is asked anything");
  for (const wait of waits) {
    const since = new Date(wait.openedAt).toISOString();
    const until = wait.until === undefined ? "" : `, until ${new Date(wait.until).toISOString()}`;
    write(`${paint("bold", oneLine(wait.wait))}  ${paint("dim", `since ${since}${until}`)}`);
    write(`  ${brief(wait.show, 300)}`);
    const [, how = ""] = howToAnswer([wait], folder);
    write(how);
  }
}
