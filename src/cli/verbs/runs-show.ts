import type { NodeReport, RunReport } from "../../plan/index.ts";
import { howToAnswer } from "../advice.ts";
import type { CliContext } from "../context.ts";
import { readDesk } from "../desk.ts";
import { duration } from "../duration.ts";
import { EXIT } from "../exit-codes.ts";
import { toOutcome } from "../outcome.ts";
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
    if (context.isJson)
      context.write(toJsonText(toRunOut(report, toOutcome(report, { ...standing, tag: report.tag }))));
    else {
      show(context, report);
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

function show({ write, paint }: CliContext, report: RunReport): void {
  const { run, planName, tag, createdAt, updatedAt, end, suspended, why } = report;
  write(`${paint("bold", oneLine(run))}  ${paintTag(tag, paint)}  plan ${oneLine(planName)}`);
  write(
    `created ${new Date(createdAt).toISOString()}, ${end === undefined ? "so far" : "took"} ${duration(updatedAt - createdAt)}`,
  );
  const reason = end?.why ?? suspended ?? why;
  if (reason !== undefined) write(`why: ${oneLine(reason)}`);
  const rows = [...report.nodes.values()].map((node) => [
    paintStatus(node.status, paint),
    oneLine(node.id),
    paint("dim", oneLine(node.uses)),
    node.attempts > 1 ? `attempt ${node.attempts}` : "",
    node.startedAt === undefined ? "" : duration((node.endedAt ?? updatedAt) - node.startedAt),
    detail(node),
  ]);
  for (const line of table(rows)) write(line);
  for (const { node, why: reason } of end?.notUndone ?? []) write(`not undone: ${oneLine(node)}: ${oneLine(reason)}`);
  if (end?.tag === "succeeded") write(`output: ${toJsonText(end.output ?? null)}`);
}

function detail({ error, output, status }: NodeReport): string {
  if (error !== undefined) return oneLine(`${error.message} [${error.code}]`);
  return status === "succeeded" && output !== null ? brief(output, 60) : "";
}
