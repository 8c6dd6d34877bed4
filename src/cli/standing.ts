import { InputError } from "../base/index.ts";
import type { Client } from "../executor/index.ts";
import type { NodeReport, RunReport, RunTag, WaitReport } from "../plan/index.ts";

/** Where a run stands, with the plans inside it: does anything move without someone? */
export interface Standing {
  readonly tag: RunTag;
  /** The questions for people that are open in it. */
  readonly waits: readonly WaitReport[];
  /** Nothing will happen before someone does something. */
  readonly isAtRest: boolean;
}

const MOVING: readonly NodeReport["status"][] = ["running", "retry-wait", "unknown", "undoing"];
const OPEN: readonly RunTag[] = ["running", "waiting", "rolling-back", "cancelling", "suspended"];

/** Says whether a run has not ended. */
export function isOpenTag(tag: RunTag): boolean {
  return OPEN.includes(tag);
}

/** Looks at a run and at the runs of its plan nodes. */
export async function standingOf(client: Client, report: RunReport): Promise<Standing> {
  const { tag } = report;
  const own = [...report.waits.values()];
  const asked = own.filter(({ kind }) => kind !== "timer");
  if (!isOpenTag(tag) || tag === "suspended") return { tag, waits: asked, isAtRest: true };
  const moving = [...report.nodes.values()].filter(({ status }) => MOVING.includes(status));
  if (own.length > asked.length) return { tag, waits: asked, isAtRest: false };
  if (moving.length === 0) return { tag, waits: asked, isAtRest: asked.length > 0 };
  if (!moving.every(({ status }) => status === "running")) return { tag, waits: asked, isAtRest: false };
  const children = await childrenOf(client, report);
  const inner: Standing[] = [];
  for (const { id } of moving) inner.push(children.get(id) ?? { tag: "running", waits: [], isAtRest: false });
  return join(report, asked, inner);
}

function join(report: RunReport, asked: readonly WaitReport[], inner: readonly Standing[]): Standing {
  const waits = [...asked, ...inner.flatMap((child) => child.waits)];
  if (!inner.every(({ isAtRest }) => isAtRest)) return { tag: report.tag, waits, isAtRest: false };
  const isStuck = inner.some(({ tag }) => tag === "suspended" || tag === "rollback-stuck");
  if (isStuck && waits.length === 0) return { tag: "suspended", waits, isAtRest: true };
  return { tag: waits.length > 0 ? "waiting" : report.tag, waits, isAtRest: waits.length > 0 };
}

async function childrenOf(client: Client, report: RunReport): Promise<ReadonlyMap<string, Standing>> {
  const children = new Map<string, Standing>();
  for (const { run, tag } of await client.runs({ parent: report.run, limit: 10_000 })) {
    if (!isOpenTag(tag) && tag !== "rollback-stuck") continue;
    const child = await (await client.run(run)).report();
    if (child.parent !== undefined) children.set(child.parent.node, await standingOf(client, child));
  }
  return children;
}

/** The outermost run that a run is part of: what has to be carried on so that it goes on. */
export async function rootOf(client: Client, id: string): Promise<string> {
  try {
    const report = await (await client.run(id)).report();
    return report.parent === undefined ? id : await rootOf(client, report.parent.run);
  } catch (error) {
    if (InputError.is(error) && error.code === "RUN_NOT_FOUND") return id;
    throw error;
  }
}
