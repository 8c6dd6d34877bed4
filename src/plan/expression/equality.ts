import { isJsonObject, type Json, type JsonObject } from "../../base/index.ts";
import { COST_OF_KEY, spend, type Frame } from "./frame.ts";

/** Tells whether two values are equal, however deep; undefined when the fuel ran out. */
export function isEqual(frame: Frame, left: Json, right: Json): boolean | undefined {
  if (typeof left !== "object" || typeof right !== "object") return isSameScalar(frame, left, right);
  const open: [Json, Json][] = [];
  let pair: [Json, Json] | undefined = [left, right];
  while (pair !== undefined) {
    const isSame = compareOne(frame, pair, open);
    if (isSame !== true) return isSame;
    pair = open.pop();
  }
  return true;
}

function isSameScalar(frame: Frame, left: Json, right: Json): boolean | undefined {
  if (typeof left !== "string" || typeof right !== "string") return left === right;
  if (left.length !== right.length) return false;
  return spend(frame, left.length >> 4) ? left === right : undefined;
}

function compareOne(frame: Frame, [left, right]: [Json, Json], open: [Json, Json][]): boolean | undefined {
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") {
    return isSameScalar(frame, left, right);
  }
  if (left === right) return true;
  if (isJsonObject(left)) return isJsonObject(right) && compareMaps(frame, [left, right], open);
  return !isJsonObject(right) && compareLists(frame, [left, right], open);
}

type Lists = readonly [readonly Json[], readonly Json[]];

function compareLists(frame: Frame, [left, right]: Lists, open: [Json, Json][]): boolean | undefined {
  if (left.length !== right.length) return false;
  if (!spend(frame, 2 + 2 * left.length)) return undefined;
  for (const [index, item] of left.entries()) open.push([item, right[index] ?? null]);
  return true;
}

function compareMaps(frame: Frame, [left, right]: [JsonObject, JsonObject], open: [Json, Json][]): boolean | undefined {
  const keys = Object.keys(left);
  const count = Object.keys(right).length;
  if (!spend(frame, 2 + COST_OF_KEY * (keys.length + count))) return undefined;
  if (count !== keys.length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(right, key)) return false;
    open.push([left[key] ?? null, right[key] ?? null]);
  }
  return true;
}
