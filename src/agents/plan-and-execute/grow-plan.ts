import type { GrowingRun, Growth } from "../../action/index.ts";
import type { JsonObject } from "../../base/index.ts";
import { patch } from "../loop/steps.ts";
import { carryOut } from "./carry-out.ts";
import { reserve, RETRY, sayError, sayProblems, type Execution } from "./execution.ts";
import { countOf, ownNode, readPlanned, type Planned } from "./steps.ts";

/** Says what comes next: a plan, a person's word about it, its nodes, changes of it, and its end. */
export function growPlanned(execution: Execution, run: GrowingRun): Growth | undefined {
  const number = countOf(run, "plan");
  const id = ownNode("plan", number);
  const node = run.node(id);
  if (node === undefined) return patch(toPlanning(execution, run, 1));
  if (node.state === "open") return undefined;
  if (node.state !== "succeeded") return giveUp(`${execution.name} could not plan: ${sayError(node)}`);
  const planned = readPlanned(node.output);
  if (planned.tag !== "plan") return correct(execution, run, { number, planned });
  const word = askFirst(execution, run, id);
  if (word.tag === "go") return carryOut(execution, run, { labels: node.labels, first: planned.plan });
  return word.tag === "grow" ? word.growth : undefined;
}

function toPlanning(execution: Execution, run: GrowingRun, number: number): JsonObject {
  const after = number > 1 ? ownNode("plan", number - 1) : undefined;
  return {
    op: "add-node",
    id: ownNode("plan", number),
    node: {
      uses: `${execution.name}.plan`,
      with: { of: "${input}", ...(after !== undefined && { after }) },
      ...(after !== undefined && { reads: [after] }),
      onFailure: "observe",
      retry: RETRY,
      counters: reserve(execution, run),
    },
  };
}

function correct(
  execution: Execution,
  run: GrowingRun,
  last: { readonly number: number; readonly planned: Planned },
): Growth {
  const { repairs = 2 } = execution.options;
  if (last.number <= repairs) return patch(toPlanning(execution, run, last.number + 1));
  return giveUp(`no plan could be made after ${last.number} tries: ${sayProblems(last.planned)}`);
}

/** What was done is taken back. Before anything was, that is nothing. */
function giveUp(why: string): Growth {
  return { rollback: why };
}

type Word = { readonly tag: "go" } | { readonly tag: "wait" } | { readonly tag: "grow"; readonly growth: Growth };

/** Shows the plan to a person, with what it costs and what can't be undone, before anything runs. */
function askFirst({ options }: Execution, run: GrowingRun, id: string): Word {
  if (options.approve !== "plan") return { tag: "go" };
  const ok = ownNode("ok", 1);
  const node = run.node(ok);
  if (node === undefined) {
    const show = {
      question: "May this plan be carried out?",
      plan: `\${nodes.${id}.output.shown}`,
      estimate: `\${nodes.${id}.output.estimate}`,
    };
    return {
      tag: "grow",
      growth: patch({ op: "add-node", id: ok, node: { uses: "ask", with: { show }, onFailure: "observe" } }),
    };
  }
  if (node.state === "open") return { tag: "wait" };
  if (node.state === "succeeded") return { tag: "go" };
  return { tag: "grow", growth: giveUp(`the plan was not allowed: ${sayError(node)}`) };
}
