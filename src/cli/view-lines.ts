import type { CliContext } from "./context.ts";
import { tellEvent } from "./event-line.ts";
import type { View } from "./view.ts";

/** One plain line for each event that says something, as logs and pipes want it. */
export function createLines({ say }: CliContext): View {
  return {
    begin: () => {},
    event: (report, { event }) => {
      const line = tellEvent(event);
      if (line !== undefined) say(`${new Date(event.at).toISOString()} ${report.run} ${line}`);
    },
    say,
    end: () => {},
  };
}
