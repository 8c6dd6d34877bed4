export { CHAIN_START, linkHash, verifyChain, type ChainCheck, type ChainPoint, type ChainRecord } from "./chain.ts";
export { checkBatch, checkCommand, createdBy } from "./check-batch.ts";
export { checkFolder } from "./check-folder.ts";
export {
  decodeEvent,
  encodeEvent,
  pack,
  unpack,
  type Blob,
  type BlobSource,
  type EncodedEvent,
  type Packed,
} from "./codec.ts";
export { boundsOf, checkCollection, COLLECTIONS } from "./collections.ts";
export { journalDamaged, journalGap, planMissing, staleEpoch, storeClosed, storeFailed } from "./failures.ts";
export { checkSize, isName, parseRunId, STORE_LIMITS } from "./limits.ts";
export { createMemoryDriver, createMemoryStore } from "./memory.ts";
export type {
  Batch,
  Collection,
  CommandResult,
  InboxCommand,
  LedgerEntry,
  RecordQuery,
  RecordWrite,
  RunAppend,
  RunQuery,
  RunSummary,
  Store,
  StoreDriver,
  StoredEvent,
  StoredRecord,
  StoreProblem,
  StoreReader,
} from "./port.ts";
export { DEFAULT_LIST_LIMIT } from "./select-runs.ts";
export type { RunTag } from "../plan/index.ts";
