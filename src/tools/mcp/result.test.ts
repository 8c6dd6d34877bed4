import { describe, expect, it } from "vitest";
import { toOutput, type ResultReading } from "./result.ts";

const reading: ResultReading = {
  action: "s.t",
  isStructured: false,
  isQuery: false,
  output: {},
  hide: (text) => text.replaceAll("hunter2", "[KEY]"),
};
const text = (words: string) => ({ type: "text", text: words });
const png = Buffer.from("not really an image").toString("base64");

describe("an output", () => {
  it("is the texts, what is structured, and the rest as parts", () => {
    expect(toOutput({ content: [] }, reading)).toEqual({ text: "" });
    expect(toOutput({ content: [text("a"), text("b")] }, reading)).toEqual({ text: "a\nb" });
    expect(toOutput({ content: [text("a")], structuredContent: { b: 1 } }, reading)).toEqual({
      text: "a",
      structured: { b: 1 },
    });
  });

  it("is the structure alone where the tool promised one", () => {
    const structured = { ...reading, isStructured: true };
    expect(toOutput({ content: [text("1")], structuredContent: { b: 1 } }, structured)).toEqual({ b: 1 });
    expect(() => toOutput({ content: [text("1")] }, structured)).toThrow("it promised structured content");
  });

  it("describes what is binary, or keeps it where that was asked for", () => {
    const image = { type: "image", data: png, mimeType: "image/png", annotations: { audience: ["user"] } };
    const blob = { type: "resource", resource: { uri: "a://b", mimeType: "x/y", blob: png, _meta: {} } };
    const link = { type: "resource_link", uri: "a://c", name: "c", icons: [] };
    const note = { type: "resource", resource: { uri: "a://d", text: "d" } };
    const content = [text("a"), image, blob, link, note];
    const told = { omitted: "binary", bytes: 19 };
    expect(toOutput({ content }, reading)).toEqual({
      text: "a",
      parts: [
        { type: "image", mimeType: "image/png", ...told },
        { type: "resource", resource: { uri: "a://b", mimeType: "x/y", ...told } },
        { type: "resource_link", uri: "a://c", name: "c" },
        note,
      ],
    });
    expect(toOutput({ content }, { ...reading, output: { keepsBinary: true } })).toMatchObject({
      parts: [{ type: "image", data: png }, { resource: { blob: png } }, {}, {}],
    });
  });

  it("is no larger than its limit, in bytes", () => {
    const limited = { ...reading, output: { maxBytes: 14 } };
    expect(toOutput({ content: [text("abc")] }, limited)).toEqual({ text: "abc" });
    const large = { code: "MCP_OUTPUT_TOO_LARGE", mayHaveActed: true };
    expect(() => toOutput({ content: [text("äbc")] }, limited)).toThrow(expect.objectContaining(large));
  });

  it("is refused when it is no strict JSON", () => {
    const bad = { code: "MCP_BAD_RESULT", failure: "permanent", mayHaveActed: true };
    const result = { content: [], structuredContent: { a: 2 ** 60 } };
    expect(() => toOutput(result, reading)).toThrow(expect.objectContaining(bad));
    expect(() => toOutput(result, { ...reading, isQuery: true })).toThrow(
      expect.objectContaining({ ...bad, mayHaveActed: false }),
    );
  });
});

it("a failure has the server's words, without secrets and control characters", () => {
  const result = { isError: true, content: [text("bad \u001B[31mkey hunter2")] };
  const failed = { code: "TOOL_FAILED", failure: "permanent", mayHaveActed: false };
  expect(() => toOutput(result, reading)).toThrow(
    expect.objectContaining({ ...failed, message: "s.t failed. Its words: bad key [KEY]" }),
  );
  const structured = { isError: true, content: [], structuredContent: { why: "no" } };
  expect(() => toOutput(structured, reading)).toThrow('Its words: {"why":"no"}');
  expect(() => toOutput({ isError: true }, reading)).toThrow("It gave no reason.");
});
