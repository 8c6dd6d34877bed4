declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Names one run in a state folder. Chosen by the caller or made at start; 1 to 200 printable characters. */
export type RunId = Brand<string, "RunId">;
/** Names one node of one plan graph. */
export type NodeId = Brand<string, "NodeId">;
/** Names one wait for a person, a clock or a signal; answered at most once. */
export type WaitId = Brand<string, "WaitId">;
/** SHA-256 in lower-case hexadecimal, 64 characters. */
export type Hash = Brand<string, "Hash">;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = Brand<number, "Instant">;

/** Marks a checked string as a run id. Checking is the caller's duty (`parseRunId`). */
export const toRunId = (text: string): RunId => text as RunId;
/** Marks a string as a node id. */
export const toNodeId = (text: string): NodeId => text as NodeId;
/** Marks a string as a wait id. */
export const toWaitId = (text: string): WaitId => text as WaitId;
/** Marks 64 hexadecimal characters as a hash. */
export const toHash = (text: string): Hash => text as Hash;
/** Marks milliseconds since the epoch as an instant. */
export const toInstant = (ms: number): Instant => ms as Instant;
