import * as fc from "fast-check";
import { expect, it } from "vitest";
import { htmlToText } from "./html-to-text.ts";

const base = new URL("https://a.example/dir/page");
const read = (html: string): string => htmlToText(html, base);

it("gives a page as a reader would read it", () => {
  const html = `<!DOCTYPE html><html><head><title>Ti&amp;tle</title><style>p { color: red }</style>
    <script>if (1 < 2) document.write("<p>no</p>")</script></head>
    <body><h1>Head
    line</h1><p>One <b>bold</b>   word, and <a href="../x?a=1&amp;b=2">a link</a>.</p>
    <ul><li>first<li>second</ul><table><tr><td>1<td>2</table><pre>  if (a)
    b &lt; c</pre><!-- <p>comment</p> --><noscript>no</noscript><svg><text>no</text></svg></body></html>`;
  expect(read(html)).toBe(
    [
      "Ti&tle",
      "",
      "Head line",
      "",
      "One bold word, and a link (https://a.example/x?a=1&b=2).",
      "",
      "- first",
      "- second",
      "",
      "\t1\t2",
      "",
      "  if (a)",
      "    b < c",
    ].join("\n"),
  );
});

it.each([
  ["a > in an attribute", '<p title="a > b">c</p>', "c"],
  ["a script that is never closed", "a<script>b", "a"],
  ["a script with other letters and space", "a<SCRIPT >b</ScRiPt >c", "ac"],
  ["a script's end in an attribute", '<script src="</script>">x</script>a', "a"],
  ["a tag that is never closed", "a<b title='c", "a"],
  ["a comment that is never closed", "a<!-- b", "a"],
  ["a < that is no tag", "1 < 2 and <3", "1 < 2 and <3"],
  ["numbers of characters", "&#65;&#x42;&#0;&#xD800;&#9999999;", "AB\uFFFD\uFFFD\uFFFD"],
  ["names that nobody knows", "&constructor;&AMP;&nope; & b", "&constructor;&AMP;&nope; & b"],
  ["markup that is written out", "&lt;script&gt;", "<script>"],
  ["links that lead nowhere", '<a href="#a">b</a> <a href="javascript:c">d</a> <a>e</a></a>', "b d e"],
])("reads %s", (_, html, text) => {
  expect(read(html)).toBe(text);
});

it("takes any text, and shows nothing of a script", () => {
  const piece = fc.oneof(
    fc.constantFrom("<", ">", "</", "<!--", "-->", "<a href=", '"', "'", "<pre>", "</pre>", "&#", ";", "<li>"),
    fc.string(),
  );
  const check = fc.property(fc.array(piece), (pieces) => {
    const noise = pieces.join("");
    expect(typeof read(noise)).toBe("string");
    expect(read(`<script>HIDDEN</script>${noise}`)).not.toContain("HIDDEN");
  });
  fc.assert(check);
});
