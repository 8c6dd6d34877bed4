import type { Model } from "../port.ts";

/** What may be said of a recorded model. */
export interface RecordedOptions {
  /** Asked for what is not recorded yet. Without it, only what is recorded is answered. */
  readonly model?: Model;
  /** Values that stand in the file by their names only, such as keys; those shorter than 6 characters stay. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default: that of `model`, else `recorded:FILE`. */
  readonly name?: string;
}

/**
 * A model that answers from a file what another one answered once, pieces included; for tests without a network, and
 * equal each time.
 *
 * 1. A request is known by its hash: the same request gets the same answer, however often it is asked.
 * 2. Only whole replies are recorded, never failures.
 * 3. A secret is replaced before the request is hashed, so that another key finds the same answer.
 *
 * @throws {PermanentError} MODEL_CASSETTE_DRIFTED from `generate`, where no recorded request is the same and there is
 *   no model to ask; it shows what differs from the nearest.
 * @throws {InputError} MODEL_CASSETTE_INVALID from `generate`, where the file is no cassette.
 */
export function recordedModel(file: string, options: RecordedOptions = {}): Model {
  const { model, secrets = {}, name = model?.name ?? `recorded:${file}` } = options;
  let player: Promise<Model["generate"]> | undefined;
  const open = async (): Promise<Model["generate"]> =>
    (await import("./player.ts")).createPlayer({ file, name, model, secrets });
  return {
    name,
    ...(model?.contextTokens !== undefined && { contextTokens: model.contextTokens }),
    ...(model?.price !== undefined && { price: model.price }),
    generate: async (request, context) => {
      player ??= open();
      const play = await player;
      return await play(request, context);
    },
  };
}
