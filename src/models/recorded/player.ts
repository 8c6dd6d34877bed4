import { canonicalJson, hideSecrets, PermanentError, sha256, type JsonObject } from "../../base/index.ts";
import type { Delta, Model, ModelContext, ModelReply, ModelRequest } from "../port.ts";
import { toStopped, toSubject } from "../wire/stopped.ts";
import { appendRecording, readCassette, type Recording } from "./cassette.ts";
import { findDifferences, type Difference } from "./differences.ts";

/** What is played, and what is asked for what isn't recorded yet. */
export interface Tape {
  readonly file: string;
  readonly name: string;
  readonly model: Model | undefined;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Opens a cassette. Gives what answers from it. */
export function createPlayer({ file, name, model, secrets }: Tape): Model["generate"] {
  const known = new Map<string, Recording>();
  const find = (hash: string): Recording | undefined => {
    // Another process may have recorded it meanwhile.
    if (!known.has(hash)) for (const recording of readCassette(file)) keepFirst(known, recording);
    return known.get(hash);
  };
  return async (request: ModelRequest, context: ModelContext): Promise<ModelReply> => {
    const asked = toRecordable(request, secrets);
    const hash = sha256(canonicalJson(asked));
    const found = find(hash);
    if (found !== undefined) return replay(found, name, context);
    if (model === undefined) throw toDrifted(file, asked, [...known.values()]);
    const pieces: Delta[] = [];
    const onDelta = (piece: Delta): void => {
      pieces.push(piece);
      context.onDelta?.(piece);
    };
    const reply = await model.generate(request, { ...context, onDelta });
    const recording = { hash, request: asked, ...hide({ pieces, reply }, secrets) };
    // The same request may have been answered twice at once: the first answer counts for both.
    const earlier = find(hash);
    if (earlier !== undefined) return earlier.reply;
    appendRecording(file, recording);
    known.set(hash, recording);
    return recording.reply;
  };
}

function keepFirst(known: Map<string, Recording>, recording: Recording): void {
  if (!known.has(recording.hash)) known.set(recording.hash, recording);
}

function replay({ pieces, reply }: Recording, name: string, { signal, onDelta }: ModelContext): ModelReply {
  if (signal.aborted) throw toStopped(toSubject(name), signal.reason);
  for (const piece of pieces) onDelta?.(piece);
  return reply;
}

/** Only what is set, so that an option left out and one that is undefined are the same request. */
function toRecordable(request: ModelRequest, secrets: Readonly<Record<string, string>>): JsonObject {
  const plain: JsonObject = JSON.parse(JSON.stringify(request));
  return hide(plain, secrets);
}

function hide<T>(value: T, secrets: Readonly<Record<string, string>>): T {
  return JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === "string" ? hideSecrets(part, secrets) : part,
  );
}

const SHOWN = 3;
const COMPARED = 50;

function toDrifted(file: string, asked: JsonObject, recordings: readonly Recording[]): PermanentError {
  const fix = "Correct the request, or record it: give recordedModel a model, or use recorded:FILE#ADDRESS.";
  const nearest = findNearest(asked, recordings);
  if (nearest === undefined) {
    return new PermanentError(
      "MODEL_CASSETTE_DRIFTED",
      `Expected a recorded answer in ${file}, got an empty file or none. ${fix}`,
    );
  }
  const lines = nearest
    .slice(0, SHOWN)
    .map(({ path, recorded, asked: now }) => `  ${path}: recorded ${recorded}, asked ${now}`);
  const more = nearest.length > SHOWN ? `\n  and ${nearest.length - SHOWN} more` : "";
  return new PermanentError(
    "MODEL_CASSETTE_DRIFTED",
    `None of the ${recordings.length} requests recorded in ${file} is this one. The nearest differs in\n${lines.join("\n")}${more}\n${fix}`,
  );
}

function findNearest(asked: JsonObject, recordings: readonly Recording[]): readonly Difference[] | undefined {
  let nearest: readonly Difference[] | undefined;
  for (const { request } of recordings) {
    const differences = findDifferences(request, asked, COMPARED);
    if (nearest === undefined || differences.length < nearest.length) nearest = differences;
  }
  return nearest;
}
