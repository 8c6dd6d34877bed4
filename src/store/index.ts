export type {
  Batch,
  CommandResult,
  InboxCommand,
  LedgerEntry,
  RunAppend,
  RunQuery,
  RunSummary,
  RunTag,
  Store,
  StoreDriver,
  StoreReader,
  StoredEvent,
} from "./port.ts";
