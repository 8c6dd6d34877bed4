/** A bug that the simulation must find. Each `find` matches exactly once, so that a mutant can't rot unseen. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}

/** Twelve bugs that engines of this kind have had, with the guard disabled where one stands behind. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "an outcome is told before it is durable",
    edits: [
      {
        file: "src/run/run.ts",
        find: "if (batch !== undefined) await engine.store.commit(batch);",
        replace: "if (batch !== undefined) engine.store.commit(batch).catch(engine.die);",
      },
    ],
  },
  {
    name: "a timed-out attempt runs on beside its retry",
    edits: [
      {
        file: "src/run/gateway.ts",
        find: "this.#abort.abort(new Error(why));",
        replace:
          'if (why === "timeout") this.#end({ tag: "unknown", error: undefined });\n    else this.#abort.abort(new Error(why));',
      },
    ],
  },
  {
    name: "a join runs twice",
    edits: [
      {
        file: "src/plan/core/endings.ts",
        find: '  if (child.tag !== "pending") return;',
        replace: '  if (child.tag !== "pending" && child.tag !== "succeeded") return;',
      },
    ],
  },
  {
    name: "a node starts after the rollback was decided",
    edits: [
      {
        file: "src/plan/decide.ts",
        find: '  if (phase === "running") decideReady(draft);\n  else decideUndos(draft);',
        replace: '  decideReady(draft);\n  if (phase !== "running") decideUndos(draft);',
      },
      {
        file: "src/plan/core/decide-start.ts",
        find: ' || draft.run.phase !== "running") return true;',
        replace: ") return true;",
      },
      {
        file: "src/plan/core/evolve-node.ts",
        find: '  if (run.phase !== "running") refuse(run, event, `the run is ${run.phase}`);\n  if (event.attempt !== node.attempt + 1)',
        replace: "  if (event.attempt !== node.attempt + 1)",
      },
      { file: "src/run/may-start.ts", find: '    hosted.state.phase === "running" &&\n', replace: "" },
    ],
  },
  {
    name: "a stale owner may write",
    edits: [
      {
        file: "src/store/memory.ts",
        find: "    if (epoch !== this.epoch) throw staleEpoch(this.epoch, epoch);\n",
        replace: "    if (epoch < this.epoch) throw staleEpoch(this.epoch, epoch);\n",
      },
    ],
  },
  {
    name: "a late outcome counts",
    edits: [
      {
        file: "src/run/gateway.ts",
        find: "    if (this.#isSettled) return this.#attempt.late(settlement);\n",
        replace: '    if (this.#isSettled && settlement.tag !== "succeeded") return this.#attempt.late(settlement);\n',
      },
      {
        file: "src/plan/core/evolve-node.ts",
        find: '  if (event.by === undefined) {\n    demand(run, event, { node, is: ["running"] });\n    demandAttempt(run, node, event);\n  }',
        replace: "  if (event.by === undefined) node.stopping = undefined;",
      },
    ],
  },
  {
    name: "undos go in the wrong order",
    edits: [
      {
        file: "src/plan/core/undo-plan.ts",
        find: "depend(edge.from, node.index);",
        replace: "depend(node.index, edge.from);",
      },
    ],
  },
  {
    name: "a skipped node is undone",
    edits: [
      {
        file: "src/plan/core/undo-plan.ts",
        find: '    case "succeeded":\n',
        replace: '    case "skipped":\n    case "succeeded":\n',
      },
      {
        file: "src/plan/core/evolve-undo.ts",
        find: 'is: ["succeeded", "unknown", "compensating"]',
        replace: 'is: ["skipped", "succeeded", "unknown", "compensating"]',
      },
    ],
  },
  {
    name: "the key changes on a retry",
    edits: [
      {
        file: "src/run/starts.ts",
        find: "node.attempt > 0 ? node.key : keyOfNode(hosted.state, node)",
        replace: "keyOfNode(hosted.state, { ...node, generation: node.generation + node.attempt })",
      },
    ],
  },
  {
    name: "a restart forgets the pause before a retry",
    edits: [
      {
        file: "src/run/recover.ts",
        find: "  evolve(state, event);\n",
        replace:
          '  evolve(state, event.type === "node-failed" && event.retryAt !== undefined ? { ...event, retryAt: event.at } : event);\n',
      },
    ],
  },
  {
    name: "a restart forgets what was used of the budget",
    edits: [
      {
        file: "src/run/recover.ts",
        find: "  const hosted = host(engine, state);\n",
        replace: "  state.used.attempts = 0;\n  state.used.counters.clear();\n  const hosted = host(engine, state);\n",
      },
    ],
  },
  {
    name: "a question takes two answers",
    edits: [
      {
        file: "src/plan/core/access.ts",
        find: "  const wait = run.waits.get(event.wait);\n",
        replace:
          "  const wait = run.waits.get(event.wait) ?? seenWait(event.wait);\n  if (wait !== undefined) seen.set(event.wait, wait);\n",
      },
      {
        file: "src/plan/core/access.ts",
        find: "/** Gives an open wait, or refuses the event that closes it. */\n",
        replace:
          "const seen = new Map<string, OpenWait>();\nexport const seenWait = (wait: string): OpenWait | undefined => seen.get(wait);\n",
      },
      {
        file: "src/plan/index.ts",
        find: 'export { createRun } from "./core/create.ts";\n',
        replace: 'export { createRun } from "./core/create.ts";\nexport { seenWait } from "./core/access.ts";\n',
      },
      {
        file: "src/run/commands.ts",
        find: "  const wait = hosted.state.waits.get(toWaitId(id));\n",
        replace: "  const wait = hosted.state.waits.get(toWaitId(id)) ?? seenWait(id);\n",
      },
      { file: "src/run/commands.ts", find: "import { mayCancel, ", replace: "import { mayCancel, seenWait, " },
    ],
  },
];
