/**
 * Reduces HTML to what a reader would read: text, line breaks, list marks and where links lead.
 *
 * It is no browser: it runs no script and knows no style, so that what a page hides by CSS stands in the text, and what
 * it builds by script doesn't. Time is linear in the length of the text.
 */
export function htmlToText(html: string, base: URL): string {
  const page: Page = { out: [], base, links: [], preDepth: 0 };
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    const end = open < 0 ? html.length : open;
    write(page, html.slice(at, end));
    at = open < 0 ? html.length : readMarkup(page, html, open);
  }
  const lines = page.out.join("").split("\n");
  return lines
    .map((line) => line.trimEnd())
    .join("\n")
    .replaceAll(/\n{3,}/gu, "\n\n")
    .trim();
}

interface Page {
  readonly out: string[];
  readonly base: URL;
  /** Where the links that are open lead. */
  readonly links: string[];
  preDepth: number;
}

const UNREAD = ["script", "style", "noscript", "template", "svg", "iframe", "object", "textarea", "select"];
const BLOCKS =
  /^(?:address|article|aside|blockquote|br|dd|div|dl|dt|fieldset|figure|footer|form|h[1-6]|header|hr|main|nav|ol|p|pre|section|table|title|tr|ul)$/u;
const PARAGRAPHS = /^(?:blockquote|h[1-6]|p|pre|table|title|ul|ol)$/u;

/** Reads one tag or comment and gives the place after it. */
function readMarkup(page: Page, html: string, open: number): number {
  if (html.startsWith("<!--", open)) return after(html, "-->", open + 4);
  const next = html[open + 1] ?? "";
  if (next === "!" || next === "?") return after(html, ">", open);
  const name = /^<\/?([a-z][a-z\d:-]{0,40})/iu.exec(html.slice(open, open + 44))?.[1]?.toLowerCase();
  if (name === undefined) {
    page.out.push("<");
    return open + 1;
  }
  const end = findTagEnd(html, open);
  if (next === "/") closeTag(page, name);
  else if (UNREAD.includes(name)) return findClosing(html, name, end);
  else openTag(page, name, html.slice(open, end));
  return end;
}

function openTag(page: Page, name: string, tag: string): void {
  breakLine(page, name);
  if (name === "li") page.out.push("\n- ");
  if (name === "td" || name === "th") page.out.push("\t");
  if (name === "pre") page.preDepth += 1;
  if (name === "a") page.links.push(toLink(tag, page.base));
}

function closeTag(page: Page, name: string): void {
  if (name === "pre") page.preDepth = Math.max(0, page.preDepth - 1);
  const link = name === "a" ? page.links.pop() : undefined;
  if (link !== undefined && link !== "") page.out.push(` (${link})`);
  breakLine(page, name);
}

function breakLine(page: Page, name: string): void {
  if (BLOCKS.test(name)) page.out.push(PARAGRAPHS.test(name) ? "\n\n" : "\n");
}

function write(page: Page, text: string): void {
  if (text === "") return;
  if (page.preDepth > 0) return void page.out.push(decodeEntities(text));
  const flat = decodeEntities(text.replaceAll(/[ \t\r\n\f]+/gu, " "));
  const isAtStart = /\s$/u.test(page.out.at(-1) ?? "\n");
  const piece = isAtStart ? flat.replace(/^ /u, "") : flat;
  if (piece !== "") page.out.push(piece);
}

function toLink(tag: string, base: URL): string {
  const [, double, single, bare] = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/iu.exec(tag) ?? [];
  const href = decodeEntities(double ?? single ?? bare ?? "");
  const url = href === "" || href.startsWith("#") ? null : URL.parse(href, base.href);
  return url !== null && /^https?:$/u.test(url.protocol) ? url.href : "";
}

/** A `>` inside a quoted attribute ends no tag. A tag that never ends takes the rest with it, as in browsers. */
function findTagEnd(html: string, open: number): number {
  for (let at = open + 1; at < html.length; at += 1) {
    const character = html[at];
    if (character === ">") return at + 1;
    if (character !== '"' && character !== "'") continue;
    const close = html.indexOf(character, at + 1);
    if (close < 0) return html.length;
    at = close;
  }
  return html.length;
}

function findClosing(html: string, name: string, from: number): number {
  const closing = new RegExp(`</${name}`, "giu");
  closing.lastIndex = from;
  const found = closing.exec(html);
  return found === null ? html.length : findTagEnd(html, found.index);
}

function after(html: string, mark: string, from: number): number {
  const at = html.indexOf(mark, from);
  return at < 0 ? html.length : at + mark.length;
}

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  copy: "©",
  reg: "®",
  trade: "™",
  euro: "€",
  hellip: "…",
  ndash: "–",
  mdash: "—",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  laquo: "«",
  raquo: "»",
  bull: "•",
  middot: "·",
  times: "×",
  rarr: "→",
  larr: "←",
  deg: "°",
};

/** Numbers, and the names that texts are full of; other names stay as they are. */
function decodeEntities(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/giu, (whole: string, ...found: unknown[]) => {
    const [decimal, hex, name] = found;
    if (typeof name === "string") return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? whole) : whole;
    return toCharacter(typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16));
  });
}

function toCharacter(number: number): string {
  const isSurrogate = number >= 0xd800 && number <= 0xdfff;
  return number === 0 || number > 0x10_ffff || isSurrogate ? "\uFFFD" : String.fromCodePoint(number);
}
