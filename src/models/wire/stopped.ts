import { CancelledError } from "../../base/index.ts";
import type { Endpoint } from "./endpoint.ts";

/** Whom a failure is about. */
export type Subject = Pick<Endpoint, "name" | "secrets" | "keyVariable"> & { readonly baseUrl?: string };

/** Someone asked to stop. */
export function toStopped(subject: Subject, cause: unknown): CancelledError {
  const message = `${subject.name} was told to stop. What it had answered so far is not used, but may be paid for.`;
  return new CancelledError("MODEL_STOPPED", message, { cause });
}

/** A model that is reached without a key. */
export function toSubject(name: string): Subject {
  return { name, secrets: {}, keyVariable: "the key" };
}
