import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteDriver } from "../../src/drivers/sqlite/index.ts";
import { describeStoreConformance } from "./store-conformance.ts";

describeStoreConformance("SQLite", () => {
  const dir = mkdtempSync(join(tmpdir(), "pawl-store-"));
  return {
    driver: createSqliteDriver({ dir: join(dir, "state") }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
});
