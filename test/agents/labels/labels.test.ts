import { describe, expect, it } from "vitest";
import { SINKS, SOURCES, TRANSPORTS, tryWay } from "./world.ts";

const [web, secret] = SOURCES;
const [steered, leaks] = SINKS;

describe("a model that obeys whatever it reads", () => {
  it.each(TRANSPORTS)("gets nothing forbidden through by way of: %s", async (transport) => {
    if (web === undefined || secret === undefined || steered === undefined || leaks === undefined)
      throw new Error("no case");
    expect(await tryWay(web, transport, steered)).toMatchObject({ isForbidden: true, acted: 0, asked: true });
    expect(await tryWay(secret, transport, leaks)).toMatchObject({ isForbidden: true, acted: 0, asked: true });
    expect((await tryWay(secret, transport, steered)).acted).toBeGreaterThan(0);
  });
});
