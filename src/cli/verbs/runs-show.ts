import type { NodeReport, RunReport } from "../../plan/index.ts";
import { howToAnswer } from "../advice.ts";
import type { CliContext } from "../context.ts";
import { readDesk } from "../desk.ts";
import { duration } from "../duration.ts";
import { EXIT } from "../exit-codes.ts";
import { toOutcome, type RunOutcome } from "../outcome.ts";
import { standingOf } from "../standing.ts";
import { table } from "../table.ts";
import { paintStatus, paintTag } from "../words.ts";
import { brief, oneLine, toJsonText } from "../text.ts";

/** `pawl runs show ID`. */
export async function performRunsShow(context: CliContext): Promise<number> {
  const { client, folder } = await readDesk(context);
  try {
    const report = await (await client.run(context.arguments[0] ?? "")).report();
    const standing = await standingOf(client, report);
    const outcome = toOutcome(report, { ...standing, tag: report.tag });
    if (context.isJson) context.write(toJsonText(toRunOut(report, outcome)));
    else {
      show(context, report, outcome);
      for (const line of howToAnswer(standing.waits, folder)) context.write(line);
    }
    return EXIT.ok;
  } finally {
    await client.close();
  }
}

function toRunOut(report: RunReport, outcome: object): object {
  const { planName, plan, revision, input, tags, createdAt, updatedAt, parent, fork, seq } = report;
  return {
    ...outcome,
    planName,
    plan,
    revision,
    input,
    tags,
    createdAt,
    updatedAt,
    parent: parent ?? null,
    fork: fork ?? null,
    events: seq,
    nodes: [...report.nodes.values()].map(toNodeOut),
  };
}

function toNodeOut(node: NodeReport): object {
  const { id, uses, status, attempts, undoAttempts, startedAt, endedAt, retryAt, output, error, key, path, by } = node;
  return {
    node: id,
    uses,
    status,
    attempts,
    undoAttempts,
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    retryAt: retryAt ?? null,
    output,
    error: error ?? null,
    key: key ?? null,
    path: path ?? null,
    by: by ?? null,
  };
}

function show({ write, paint }: CliContext, report: RunReport, outcome: RunOutcome): void {
  const { run, planName, tag, createdAt, updatedAt, end } = report;
  write(`${paint("bold", oneLine(run))}  ${paintTag(tag, paint)}  plan ${oneLine(planName)}`);
  const took = duration(updatedAt - createdAt);
  write(`created ${new Date(createdAt).toISOString()}, ${end === undefined ? "so far" : "took"} ${took}`);
  if (outcome.why !== null) write(`why: ${oneLine(outcome.why)}`);
  for (const line of table([...report.nodes.values()].map((node) => rowOf(node, updatedAt, paint)))) write(line);
  for (const { node, why } of outcome.notUndone) write(`not undone: ${oneLine(node)}: ${oneLine(why)}`);
  if (tag === "succeeded") write(`output: ${toJsonText(outcome.output)}`);
}

function rowOf(node: NodeReport, now: number, paint: CliContext["paint"]): readonly string[] {
  return [
    paintStatus(node.status, paint),
    oneLine(node.id),
    paint("dim", oneLine(node.uses)),
    node.attempts > 1 ? `attempt ${node.attempts}` : "",
    node.startedAt === undefined ? "" : duration((node.endedAt ?? now) - node.startedAt),
    detail(node),
  ];
}

function detail({ error, output, status }: NodeReport): string {
  if (error !== undefined) return oneLine(`${error.message} [${error.code}]`);
  return status === "succeeded" && output !== null ? brief(output, 60) : "";
}
