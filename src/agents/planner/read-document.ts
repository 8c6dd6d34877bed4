import {
  checkStrictJson,
  InputError,
  loadPackage,
  parseStrictJson,
  toExcerpt,
  type Json,
  type Problem,
} from "../../base/index.ts";
import { findDocuments, type FoundDocument } from "./find-document.ts";
import type { PlanLimits } from "./limits.ts";

/** The one document of a reply, or why there is none. */
export type ReadDocument =
  | { readonly tag: "document"; readonly value: Json }
  | { readonly tag: "problems"; readonly problems: readonly Problem[] };

/**
 * Reads the document that a model was asked for, as strict JSON or YAML: no duplicate keys, no aliases, no tags, no
 * numbers that JSON can't hold. Problems with the whole of it have the path `root`.
 */
export function readDocument(text: string, root: string, limits: Required<PlanLimits>): ReadDocument {
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.bytes) return refused(tooLarge(root, `${bytes} bytes`, limits.bytes));
  const documents = findDocuments(text);
  const [first] = documents;
  if (first === undefined || documents.length > 1) return refused(notOne(root, text, documents.length));
  try {
    return { tag: "document", value: first.form === "json" ? readJson(first, limits) : readYaml(first, root, limits) };
  } catch (error) {
    return { tag: "problems", problems: problemsOf(error, root) };
  }
}

/** The problems that an error tells, each with a path. @throws whatever is no InputError */
export function problemsOf(error: unknown, root: string): readonly Problem[] {
  if (!(error instanceof InputError)) throw error;
  const { problems, code, message } = error;
  const all = problems.length > 0 ? problems : [{ code, path: root, expected: root, got: message, fix: "Correct it." }];
  return all.map((problem) => (problem.path === "" ? { ...problem, path: root } : problem));
}

function readJson({ text }: FoundDocument, { bytes, depth }: Required<PlanLimits>): Json {
  return parseStrictJson(text, { maxBytes: bytes, maxDepth: depth });
}

interface YamlFault {
  readonly message: string;
}

interface YamlDocument {
  readonly errors: readonly YamlFault[];
  readonly warnings: readonly YamlFault[];
  readonly toJS: (options: { readonly maxAliasCount: number }) => unknown;
}

interface YamlPackage {
  readonly parseDocument: (text: string, options: Readonly<Record<string, unknown>>) => YamlDocument;
}

function isYamlPackage(loaded: unknown): loaded is YamlPackage {
  return typeof loaded === "object" && loaded !== null && "parseDocument" in loaded;
}

const YAML_OPTIONS = { version: "1.2", schema: "core", uniqueKeys: true, strict: true, stringKeys: true } as const;

function readYaml({ text }: FoundDocument, root: string, { bytes, depth }: Required<PlanLimits>): Json {
  const yaml = loadPackage("yaml");
  if (!isYamlPackage(yaml)) throw new InputError("YAML_SYNTAX", "Expected the package yaml 2, got another.");
  // Its parser is recursive: what is deeper would be told as a full stack.
  if (deepest(text) > depth) throw yamlFault(root, `lists and maps more than ${depth} deep`);
  let value: unknown;
  try {
    const document = yaml.parseDocument(text, YAML_OPTIONS);
    const fault = document.errors[0] ?? document.warnings[0];
    if (fault !== undefined) throw yamlFault(root, fault.message);
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw yamlFault(root, error instanceof Error ? error.message : String(error));
  }
  return checkStrictJson(value, { maxBytes: bytes, maxDepth: depth });
}

/** How deep brackets, and dashes of lists in one line, stand inside each other at most; in texts too, which is no harm. */
function deepest(text: string): number {
  let most = 0;
  for (const line of text.split("\n"))
    most = Math.max(most, /^[\s?-]*/u.exec(line)?.[0].replaceAll(/\s/gu, "").length ?? 0);
  let depth = 0;
  for (const character of text) {
    if (character === "[" || character === "{") depth++;
    if (character === "]" || character === "}") depth = Math.max(0, depth - 1);
    most = Math.max(most, depth);
  }
  return most;
}

function yamlFault(path: string, message: string): InputError {
  const problem: Problem = {
    code: "YAML_SYNTAX",
    path,
    expected: "YAML 1.2 without tags and aliases",
    got: toExcerpt(message.split("\n")[0] ?? "", 300),
    fix: "Correct it there, or write JSON.",
  };
  return new InputError("YAML_SYNTAX", message, { problems: [problem] });
}

function refused(problem: Problem): ReadDocument {
  return { tag: "problems", problems: [problem] };
}

function tooLarge(path: string, got: string, bytes: number): Problem {
  return {
    code: "PLAN_TOO_LARGE",
    path,
    expected: `at most ${bytes} bytes`,
    got,
    fix: "Use fewer nodes and shorter texts.",
  };
}

function notOne(path: string, text: string, count: number): Problem {
  const excerpt = toExcerpt(text, 80);
  const got = count > 1 ? `${count} of them` : excerpt === "" ? "no text" : `none in ${JSON.stringify(excerpt)}`;
  return { code: "PLAN_TEXT", path, expected: "one JSON document", got, fix: "Answer with the JSON alone, once." };
}
