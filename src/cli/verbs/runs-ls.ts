import type { RunTag } from "../../plan/index.ts";
import type { RunSummary } from "../../store/index.ts";
import type { CliContext } from "../context.ts";
import { readDesk } from "../desk.ts";
import { EXIT } from "../exit-codes.ts";
import { badValue } from "../parse-arguments.ts";
import { nearest } from "../suggest.ts";
import { table } from "../table.ts";
import { paintTag } from "../words.ts";
import { oneLine, toJsonText } from "../text.ts";

const TAGS: readonly RunTag[] = [
  "running",
  "waiting",
  "rolling-back",
  "cancelling",
  "suspended",
  "succeeded",
  "failed",
  "rolled-back",
  "rollback-stuck",
  "cancelled",
];

/** `pawl runs ls`. */
export async function performRunsLs(context: CliContext): Promise<number> {
  const { options, isJson, write } = context;
  const states = options.list("state").map(toTag);
  const planName = options.text("plan");
  const limit = options.count("limit", 1) ?? 100;
  const tags = options.list("tag");
  const { client } = await readDesk(context);
  try {
    const runs = await client.runs({
      limit,
      ...(states.length > 0 && { states }),
      ...(tags.length > 0 && { tags }),
      ...(planName !== undefined && { planName }),
    });
    if (isJson) write(toJsonText({ runs: runs.map(toRunOut) }));
    else show(context, runs);
    return EXIT.ok;
  } finally {
    await client.close();
  }
}

function toTag(text: string): RunTag {
  const tag = TAGS.find((one) => one === text);
  if (tag !== undefined) return tag;
  const near = nearest(text, TAGS);
  const fix = near === undefined ? "Choose one of these." : `Did you mean ${near}?`;
  throw badValue("--state", { expected: TAGS.join(", "), got: JSON.stringify(text), fix });
}

/** A line of the list, as --json prints it. */
function toRunOut(summary: RunSummary): object {
  const { run, planName, plan, tag, tags, createdAt, updatedAt, parent, head, damaged } = summary;
  return {
    run,
    planName,
    plan,
    tag,
    tags,
    createdAt,
    updatedAt,
    parent: parent ?? null,
    events: head,
    damaged: damaged === true,
  };
}

function show({ write, say, paint }: CliContext, runs: readonly RunSummary[]): void {
  if (runs.length === 0) return say("no runs");
  const rows = runs.map(({ run, planName, tag, tags, createdAt, damaged }) => [
    oneLine(run),
    damaged === true ? paint("red", "! damaged") : paintTag(tag, paint),
    oneLine(planName),
    new Date(createdAt).toISOString(),
    oneLine(tags.join(",")),
  ]);
  for (const line of table([["RUN", "STATE", "PLAN", "CREATED", "TAGS"].map((head) => paint("bold", head)), ...rows]))
    write(line);
}
