import type { Hash, RunId } from "../../base/index.ts";
import { pack, planMissing, type Batch, type Blob, type InboxCommand, type LedgerEntry } from "../../store/index.ts";
import type { Connection } from "./connection.ts";
import { seal, text } from "./rows.ts";

const REMEMBERED_PLANS = 1_000;

/**
 * Writes what stands beside the journals, each line with its seal, within a transaction that the caller opens. A line
 * that is there already is looked for first: an INSERT that meets it would use up a number (schema.ts, 3).
 */
export interface LineWriter {
  readonly addBlobs: (blobs: readonly Blob[]) => void;
  readonly putPlan: (plan: NonNullable<Batch["plans"]>[number]) => void;
  readonly putEntry: (entry: LedgerEntry) => void;
  readonly putResult: (result: NonNullable<Batch["results"]>[number]) => void;
  readonly putCommand: (command: InboxCommand) => void;
  /** Name of a stored plan, for the line of a run. @throws {DefectError} PLAN_MISSING */
  readonly planName: (run: RunId, plan: Hash) => string;
}

/** Makes the writer of one connection. */
export function createLineWriter({ prepare }: Connection): LineWriter {
  const planNames = new Map<Hash, string>();

  const addBlobs = (blobs: readonly Blob[]): void => {
    for (const blob of blobs) {
      prepare("INSERT INTO blobs (hash, content) VALUES (?, ?) ON CONFLICT DO NOTHING").run(blob.hash, blob.text);
    }
  };
  const packed = (value: object): string => {
    const { text: content, blobs } = pack(value);
    addBlobs(blobs);
    return content;
  };

  return {
    addBlobs,
    putPlan: ({ hash, graph }) => {
      if (planNames.has(hash)) return; // stored by an earlier batch
      const content = packed({ graph });
      const line = seal(`${hash}\n${graph.name}`, content);
      prepare(
        `INSERT INTO plans (hash, name, graph, seal) SELECT ?1, ?2, ?3, ?4
        WHERE NOT EXISTS (SELECT 1 FROM plans WHERE hash = ?1)`,
      ).run(hash, graph.name, content, line);
    },
    putEntry: (entry) => {
      const content = packed(entry);
      const line = seal(entry.effect, content);
      const change = prepare("UPDATE ledger SET entry = ?, seal = ? WHERE effect = ?");
      if (change.run(content, line, entry.effect).changes === 1) return;
      prepare("INSERT INTO ledger (effect, entry, seal) VALUES (?, ?, ?)").run(entry.effect, content, line);
    },
    putResult: ({ command, result }) => {
      const content = packed(result);
      prepare(
        `INSERT INTO results (command, result, seal, inbox) SELECT ?1, ?2, ?3, (SELECT no FROM inbox WHERE id = ?1)
        WHERE NOT EXISTS (SELECT 1 FROM results WHERE command = ?1)`,
      ).run(command, content, seal(command, content));
      prepare("DELETE FROM inbox WHERE id = ?").run(command);
    },
    putCommand: (command) => {
      const content = packed(command);
      prepare(
        `INSERT INTO inbox (id, command, seal) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM results WHERE command = ?1) AND NOT EXISTS (SELECT 1 FROM inbox WHERE id = ?1)`,
      ).run(command.id, content, seal(command.id, content));
    },
    planName: (run, plan) => {
      const known = planNames.get(plan);
      if (known !== undefined) return known;
      const row = prepare("SELECT name FROM plans WHERE hash = ?").get(plan);
      if (row === undefined) throw planMissing(run, plan);
      const name = text(row, "name");
      if (planNames.size >= REMEMBERED_PLANS) planNames.clear();
      planNames.set(plan, name);
      return name;
    },
  };
}
