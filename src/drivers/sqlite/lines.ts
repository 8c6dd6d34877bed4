import type { Hash, RunId } from "../../base/index.ts";
import { pack, planMissing, type Batch, type Blob, type InboxCommand, type LedgerEntry } from "../../store/index.ts";
import type { Connection } from "./connection.ts";
import { seal, text } from "./rows.ts";

const REMEMBERED_PLANS = 1_000;

/** Writes what stands beside the journals, each line with its seal, within a transaction that the caller opens. */
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
      const content = packed({ graph });
      const line = seal(`${hash}\n${graph.name}`, content);
      prepare("INSERT INTO plans (hash, name, graph, seal) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING").run(
        hash,
        graph.name,
        content,
        line,
      );
    },
    putEntry: (entry) => {
      const content = packed(entry);
      prepare(
        `INSERT INTO ledger (effect, entry, seal) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET entry = excluded.entry, seal = excluded.seal`,
      ).run(entry.effect, content, seal(entry.effect, content));
    },
    putResult: ({ command, result }) => {
      const content = packed(result);
      prepare("INSERT INTO results (command, result, seal) VALUES (?, ?, ?) ON CONFLICT DO NOTHING").run(
        command,
        content,
        seal(command, content),
      );
      prepare("DELETE FROM inbox WHERE id = ?").run(command);
    },
    putCommand: (command) => {
      const content = packed(command);
      prepare(
        `INSERT INTO inbox (id, command, seal) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM results WHERE command = ?1) ON CONFLICT DO NOTHING`,
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
