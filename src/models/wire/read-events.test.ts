import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvents, type ServerEvent } from "./read-events.ts";

async function eventsOf(pieces: readonly string[]): Promise<readonly ServerEvent[]> {
  async function* stream(): AsyncGenerator<string> {
    yield* pieces;
  }
  const events: ServerEvent[] = [];
  for await (const event of readEvents(stream())) events.push(event);
  return events;
}

function cut(text: string, places: readonly number[]): readonly string[] {
  const at = [0, ...places.map((place) => place % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

describe("server-sent events", () => {
  it("are read as the standard says", async () => {
    const text = "\uFEFF: comment\nevent: a\ndata: 1\ndata:2\nid: 7\n\ndata\n\nevent: none\n\r\ndata: 3\r\rdata: lost";
    expect(await eventsOf([text])).toEqual([
      { event: "a", data: "1\n2" },
      { event: "", data: "" },
      { event: "", data: "3" },
    ]);
  });

  it("are the same wherever the stream is cut", async () => {
    const line = fc.constantFrom("data: a", "data:b: c", "event: e", ": x", "data", "");
    const end = fc.constantFrom("\n", "\r\n", "\r");
    const texts = fc.array(fc.tuple(line, end), { maxLength: 12 }).map((lines) => lines.flat().join(""));
    const check = fc.asyncProperty(texts, fc.array(fc.nat(), { maxLength: 20 }), async (text, places) => {
      expect(await eventsOf(cut(text, places))).toEqual(await eventsOf([text]));
    });
    await fc.assert(check);
  });
});
