import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { InputError, isJsonObject, parseStrictJson, type Json, type JsonObject } from "../base/index.ts";
import { parsePlan, type PlanGraph } from "../plan/index.ts";

const MOST_BYTES = 64 * 1024 * 1024;
const MOST_ALIASES = 100;

/**
 * Reads a plan from a `.yaml`, `.yml` or `.json` file. A nested plan may be the path of another file.
 *
 * @throws {InputError} FILE_UNREADABLE, YAML_SYNTAX, what the JSON reader says, and all problems of the plan at once.
 */
export async function loadPlan(path: string): Promise<PlanGraph> {
  return parsePlan(await readDocument(path, []));
}

/** Parses the text of a plan file; `path` names it in errors, and its ending says what it is. */
export async function parsePlanText(text: string, path: string): Promise<PlanGraph> {
  return parsePlan(await parseDocument(text, path));
}

async function readDocument(path: string, above: readonly string[]): Promise<Json> {
  const full = resolve(path);
  if (above.includes(full)) {
    const circle = [...above, full].join(" -> ");
    throw new InputError("PLAN_CYCLE", `Plan files can't contain each other: ${circle}.`);
  }
  const document = await parseDocument(await read(path), path);
  if (!isJsonObject(document) || !isJsonObject(document["plans"])) return document;
  const plans: Record<string, Json> = {};
  for (const [name, plan] of Object.entries(document["plans"]))
    plans[name] = typeof plan === "string" ? await readDocument(resolve(dirname(full), plan), [...above, full]) : plan;
  const whole: JsonObject = { ...document, plans };
  return whole;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError("FILE_UNREADABLE", `Can't read ${path}: ${reason}. Check the path.`, { cause });
  }
}

async function parseDocument(text: string, path: string): Promise<Json> {
  if (text.length > MOST_BYTES) throw new InputError("JSON_TOO_LARGE", `${path} is larger than 64 MB. Split the plan.`);
  if (path.endsWith(".json") || text.trimStart().startsWith("{")) return parseStrictJson(text);
  return parseYaml(text, path);
}

/** YAML 1.2 core schema, without custom tags; duplicate keys and alias bombs are refused. */
async function parseYaml(text: string, path: string): Promise<Json> {
  const { parseDocument: parse } = await import("yaml");
  try {
    const document = parse(text, { version: "1.2", schema: "core", uniqueKeys: true, strict: true, stringKeys: true });
    const [fault] = document.errors;
    if (fault !== undefined) throw fault;
    return parseStrictJson(JSON.stringify(document.toJS({ maxAliasCount: MOST_ALIASES })) ?? "null");
  } catch (cause) {
    if (InputError.is(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError("YAML_SYNTAX", `${path} is not YAML that can be read: ${reason}`, { cause });
  }
}
