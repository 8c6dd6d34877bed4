import { DefectError } from "../base/index.ts";

/** A source of chance that gives the same for the same seed, on every machine. */
export interface Random {
  /** In [0, 1). */
  readonly unit: () => number;
  /** A whole number from `least` to `most`, both included. */
  readonly between: (least: number, most: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(list: readonly T[]) => T;
}

/** Makes a source of chance out of any text: FNV-1a over it, then mulberry32 (Ettinger, 2017). */
export function createRandom(seed: string): Random {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at += 1) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    unit,
    between: (least, most) => least + Math.floor(unit() * (most - least + 1)),
    chance: (probability) => unit() < probability,
    pick: (list) => {
      const item = list[Math.floor(unit() * list.length)];
      if (item === undefined)
        throw new DefectError("SIMULATION_BROKEN", "Expected something to pick from, got an empty list.");
      return item;
    },
  };
}
