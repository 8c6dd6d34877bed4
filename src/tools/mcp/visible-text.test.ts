import { expect, it } from "vitest";
import { hasHidden, showHidden } from "./visible-text.ts";

it.each([
  ["a terminal sequence", "a\u001B[31mb", "a[U+001B][31mb"],
  ["reversed direction", "a\u202Eb", "a[U+202E]b"],
  ["an isolate", "a\u2066b", "a[U+2066]b"],
  ["zero width", "a\u200Bb\u2060", "a[U+200B]b[U+2060]"],
  ["the tag alphabet", "a\u{E0041}b", "a[U+E0041]b"],
  ["a variation selector", "a\uFE01b\u{E0100}", "a[U+FE01]b[U+E0100]"],
  ["a line that only some see", "a\u2028b", "a[U+2028]b"],
  ["fillers and blanks", "\u3164\u2800\u115F", "[U+3164][U+2800][U+115F]"],
  ["half a character", "a\uD800b", "a[U+D800]b"],
  ["a soft hyphen", "a\u00ADb", "a[U+00AD]b"],
])("shows %s", (_, text, shown) => {
  expect(showHidden(text)).toBe(shown);
  expect(hasHidden(text)).toBe(true);
  expect(hasHidden(showHidden(text))).toBe(false);
});

it("leaves what anyone can see", () => {
  const text = "Grüße, 漢字, العربية, e\u0301, 🦊: [link](a) <b>\n\t- x";
  expect(showHidden(text)).toBe(text);
  expect(showHidden("a\r\nb")).toBe("a\nb");
  expect(hasHidden("漢字 🦊")).toBe(false);
});
