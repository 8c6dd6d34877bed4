/** A document inside a reply. */
export interface FoundDocument {
  readonly form: "json" | "yaml";
  readonly text: string;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*([\w-]*)[ \t]*$/u;
const LANGUAGES: ReadonlySet<string> = new Set(["", "json", "yaml", "yml"]);
/** Where a document begins that is in no fence: a field at the start of a line, or a brace after space. */
const START = /^(?:name|nodes|output|budget|patch|giveUp):|(?<![^\s])\{/mu;

/**
 * Finds the documents in a model's reply: the reply as a whole, what stands in code fences, or all that follows some
 * words. Only where something begins is guessed: it must then be strict JSON or YAML up to its end. Linear in the text.
 */
export function findDocuments(text: string): readonly FoundDocument[] {
  const whole = text.replace(/^\uFEFF/u, "").trim();
  if (whole.startsWith("{")) return [toDocument(whole)];
  const fenced = findFenced(whole);
  if (fenced.length > 0) return fenced;
  const start = START.exec(whole);
  return start === null ? [] : [toDocument(whole.slice(start.index))];
}

function findFenced(text: string): readonly FoundDocument[] {
  const found: FoundDocument[] = [];
  let open: { readonly mark: string; readonly language: string; readonly lines: string[] } | undefined;
  for (const line of text.split("\n")) {
    const [, mark = "", language = ""] = FENCE.exec(line.trimEnd()) ?? [];
    if (open === undefined) {
      if (mark !== "") open = { mark, language: language.toLowerCase(), lines: [] };
    } else if (mark.startsWith(open.mark) && language === "") {
      if (LANGUAGES.has(open.language)) found.push(toDocument(open.lines.join("\n")));
      open = undefined;
    } else open.lines.push(line);
  }
  // A reply that was cut: its reader says where.
  if (open !== undefined && LANGUAGES.has(open.language)) found.push(toDocument(open.lines.join("\n")));
  return found;
}

function toDocument(text: string): FoundDocument {
  const body = text.trim();
  return { form: /^[{[]/u.test(body) ? "json" : "yaml", text: body };
}
