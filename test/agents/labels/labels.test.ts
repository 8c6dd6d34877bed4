/** The label matrix in small: each way, source and sink once. The whole of it: `matrix.ts`. */
import { describe, expect, it } from "vitest";
import { SINKS } from "./sinks.ts";
import { SOURCES } from "./sources.ts";
import { WAYS } from "./ways.ts";
import { tryWay } from "./world.ts";

const find = <Named extends { readonly name: string }>(all: readonly Named[], name: string): Named => {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};
const [web, secret] = [find(SOURCES, "untrusted words"), find(SOURCES, "a secret")];
const [steered, both] = [find(SINKS, "steered by nobody"), find(SINKS, "takes neither")];

describe("a model that obeys whatever it reads", () => {
  it.each(Object.keys(WAYS))("gets nothing forbidden through by way of: %s", async (way) => {
    expect(await tryWay({ source: web, way, sink: both })).toMatchObject({ acted: 0, isAsked: true });
    expect((await tryWay({ source: secret, way, sink: steered })).acted).toBeGreaterThan(0);
  });

  it.each(SOURCES)("gets out of $name what its labels allow", async (source) => {
    const { isForbidden, acted, isAsked } = await tryWay({ source, way: "thought", sink: both });
    expect({ isAsked, hasActed: acted > 0 }).toEqual({ isAsked: isForbidden, hasActed: !isForbidden });
  });

  it.each(SINKS)("does as the rules of a sink say: $name", async (sink) => {
    const { isForbidden, acted, isAsked } = await tryWay({ source: secret, way: "thought", sink });
    expect({ isAsked, hasActed: acted > 0 }).toEqual({ isAsked: isForbidden, hasActed: !isForbidden });
  });
});
