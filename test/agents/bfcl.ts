/**
 * Offers every function of the Berkeley function-calling leaderboard (version 4) as a tool: each must be shown, take the published
 * answers, and refuse them once they are changed for the worse.
 *
 *   node tools/node/run.cjs test/agents/bfcl.ts FOLDER        (or PAWL_DATA=FOLDER)
 *
 * FOLDER holds `BFCL_v4_*.json` and `possible_answer/`, or is one above. The data are read, never copied.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineQuery, fromJsonSchema, type AnyAction } from "../../src/action/index.ts";
import { isJsonObject, RuntimeFailure, type Json, type JsonObject } from "../../src/base/index.ts";
import { resolveCall, toToolSpecs } from "../../src/agents/tools/index.ts";

/** What the leaderboard calls the types of Python; nothing else is changed. */
const TYPES: Readonly<Record<string, string>> = { dict: "object", float: "number", tuple: "array" };

/** What came of it. Reasons say which cases can't be as they should, and why; failures are those without a reason. */
export interface BfclReport {
  readonly counts: Readonly<Record<string, number>>;
  readonly reasons: readonly string[];
  readonly failures: readonly string[];
}

interface Tally {
  readonly counts: Record<string, number>;
  readonly reasons: string[];
  readonly failures: string[];
}

/** Where the data are, if they are there. */
export function findData(folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  return [folder, join(folder, "bfcl-v4")].find((place) => existsSync(join(place, "possible_answer")));
}

/** Checks every case of a folder. */
export function checkCases(folder: string): BfclReport {
  const tally: Tally = { counts: {}, reasons: [], failures: [] };
  for (const file of readdirSync(folder).filter((name) => /^BFCL_v4_\w+\.json$/u.test(name))) {
    const answers = new Map(
      readLines(join(folder, "possible_answer", file)).map((line) => [line["id"], line["ground_truth"]]),
    );
    for (const line of readLines(join(folder, file))) checkCase(tally, line, answers.get(line["id"] ?? null));
  }
  return tally;
}

function readLines(path: string): readonly JsonObject[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "").map((line): JsonObject => JSON.parse(line));
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function count({ counts }: Tally, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

interface Function {
  readonly name: string;
  readonly schema: JsonObject;
  readonly tool: AnyAction;
}

function checkCase(tally: Tally, { id, function: listed }: JsonObject, answer: Json | undefined): void {
  count(tally, "cases");
  const functions = (Array.isArray(listed) ? listed : []).filter(isJsonObject).map(toFunction);
  try {
    const specs = toToolSpecs(functions.map(({ tool }) => tool));
    for (const [index, spec] of specs.entries()) {
      count(tally, "functions shown");
      if (JSON.stringify(spec.input) !== JSON.stringify(functions[index]?.schema))
        tally.failures.push(`${textOf(id)}: ${spec.name} is not shown as it is`);
    }
  } catch (error) {
    if (!RuntimeFailure.is(error)) throw error;
    tally.failures.push(`${textOf(id)}: ${error.message}`);
  }
  for (const call of Array.isArray(answer) ? answer : [])
    for (const [name, options] of Object.entries(isJsonObject(call) ? call : {}))
      if (isJsonObject(options)) checkCall({ tally, id: textOf(id), functions, name }, options);
}

function toFunction({ name, description, parameters }: JsonObject): Function {
  const schema = toSchema(parameters ?? {});
  const input = fromJsonSchema<Json>(isJsonObject(schema) ? schema : {});
  const tool = defineQuery(textOf(name), {
    description: textOf(description),
    input,
    output: fromJsonSchema<Json>(true),
    run: () => null,
  });
  return { name: textOf(name), schema: isJsonObject(schema) ? schema : {}, tool };
}

/** The schema as JSON Schema. Only types are renamed, and `any` is left away; keywords that mean nothing there stay and are ignored. */
function toSchema(schema: Json): Json {
  if (!isJsonObject(schema)) return schema;
  const { type, properties, items, ...rest } = schema;
  return {
    ...(type !== undefined && type !== "any" && { type: typeof type === "string" ? (TYPES[type] ?? type) : type }),
    ...(properties !== undefined && {
      properties: isJsonObject(properties) ? mapValues(properties, toSchema) : properties,
    }),
    ...(items !== undefined && { items: toSchema(items) }),
    ...rest,
  };
}

function mapValues(value: JsonObject, change: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));
}

interface CallCase {
  readonly tally: Tally;
  readonly id: string;
  readonly functions: readonly Function[];
  readonly name: string;
}

/** Tries the answer with the first of its possible values, then with every other one in its place, then changed for the worse. */
function checkCall(call: CallCase, options: JsonObject): void {
  const { tally, id, functions, name } = call;
  const schema = functions.find((one) => one.name === name)?.schema;
  if (schema === undefined) return void tally.failures.push(`${id}: ${name} is not among the functions`);
  const first = toArguments(options, schema, 0);
  const inputs = [first];
  for (const [field, values] of Object.entries(options))
    for (let at = 1; at < (Array.isArray(values) ? values.length : 0); at++)
      inputs.push({ ...without(first, field), ...toArguments({ [field]: values ?? null }, schema, at) });
  const unique = [...new Map(inputs.map((input) => [JSON.stringify(input), input])).values()];
  const accepted = unique.filter((input) => isTaken(call, input, schema));
  const [right] = accepted;
  if (right !== undefined) for (const worse of worsen(right, schema)) checkWorse(call, worse);
}

/** The leaderboard gives each argument, also inside maps, as a list of values that will do; "" says that it may be left out. */
function toArguments(options: JsonObject, schema: JsonObject, at: number): JsonObject {
  const { properties, required } = schema;
  const fields = isJsonObject(properties) ? properties : {};
  const given: Record<string, Json> = {};
  for (const [field, values] of Object.entries(options)) {
    const isNeeded = Array.isArray(required) && required.includes(field);
    const value = choose(Array.isArray(values) ? values : [values], at, isNeeded);
    if (value !== undefined) given[field] = toValue(value, fields[field] ?? {});
  }
  return given;
}

function choose(list: readonly Json[], at: number, isNeeded: boolean): Json | undefined {
  const wanted = list[at] ?? list[0];
  if (wanted !== "") return wanted;
  if (!isNeeded) return undefined;
  return at === 0 ? (list.find((one) => one !== "") ?? "") : wanted;
}

function toValue(value: Json, schema: Json): Json {
  const { type, items } = isJsonObject(schema) ? schema : {};
  if (type === "object" && isJsonObject(value) && isJsonObject(schema)) return toArguments(value, schema, 0);
  if (type === "array" && Array.isArray(value)) return value.map((item: Json) => toValue(item, items ?? {}));
  return value;
}

function isTaken(call: CallCase, input: JsonObject, schema: JsonObject): boolean {
  const { tally, id, name } = call;
  const resolved = resolve(call, input);
  count(tally, "published answers");
  if (resolved.tag === "call") {
    count(tally, "published answers taken");
    return true;
  }
  const whys = resolved.problems.map(({ path }) => explain(path, input, schema));
  const told = `${id} ${name}: ${resolved.problems.map(({ path, got }) => `${path}: ${got}`).join("; ")}`;
  if (whys.every((why) => why !== undefined)) {
    count(tally, "published answers that break their own schema");
    tally.reasons.push(`${told} (${[...new Set(whys)].join("; ")})`);
  } else tally.failures.push(`not taken: ${told}`);
  return false;
}

/** Why the published answer can't fit the published schema, found out without a validator. */
function explain(path: string, input: JsonObject, schema: JsonObject): string | undefined {
  const [, field = "", inside = ""] = /^input\.(\w+)(.*)$/u.exec(path) ?? [];
  const { properties } = schema;
  const declared = isJsonObject(properties) ? properties[field] : undefined;
  const value = input[field];
  if (!isJsonObject(declared) || value === undefined) return undefined;
  const why = explainValue(value, declared, "value");
  if (why !== undefined || inside === "" || !Array.isArray(value)) return why;
  const items = declared["items"] ?? {};
  return value.map((item: Json) => explainValue(item, items, "item")).find((one) => one !== undefined);
}

function explainValue(value: Json, schema: Json, what: string): string | undefined {
  const { type, enum: values } = isJsonObject(schema) ? schema : {};
  if (typeof type === "string" && !hasType(value, type)) return `the published ${what} is no ${type}`;
  if (!Array.isArray(values) || values.some((one) => JSON.stringify(one) === JSON.stringify(value))) return undefined;
  return type === "array"
    ? "its enum means the items, and stands at the list"
    : `the published ${what} is not in the published enum`;
}

function hasType(value: Json, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isJsonObject(value);
  return typeof value === type;
}

/** A call that must be refused, and at which path; undefined where every place will do. */
interface Worse {
  readonly kind: string;
  readonly input: JsonObject;
  readonly path: string;
  /** Offered with a schema that takes no other fields. */
  readonly isClosed?: boolean;
}

const WRONG: Readonly<Record<string, readonly Json[]>> = {
  string: [7, { text: "x" }, null],
  integer: ["7", 1.5, true, null],
  number: ["7.5", [1], null],
  boolean: ["true", 1, null],
  array: ["a", 7, {}],
  object: ["a", [], null],
};

function worsen(input: JsonObject, schema: JsonObject): readonly Worse[] {
  const { properties, required } = schema;
  const fields = isJsonObject(properties) ? properties : {};
  const needed = (Array.isArray(required) ? required : []).filter((field) => typeof field === "string");
  const missing = needed.map((field) => ({ kind: "missing required", path: "input", input: without(input, field) }));
  const others = Object.keys(input).flatMap((field) => worsenField(input, field, fields[field] ?? {}));
  const unknown = {
    kind: "unknown property where closed",
    path: "input",
    input: { ...input, no_such_field: 1 },
    isClosed: true,
  };
  return [...missing, ...others, unknown];
}

function worsenField(input: JsonObject, field: string, schema: Json): readonly Worse[] {
  if (!isJsonObject(schema)) return [];
  const { type, enum: values, items } = schema;
  const path = `input.${field}`;
  const put = (value: Json): JsonObject => ({ ...input, [field]: value });
  const wrong = (typeof type === "string" ? (WRONG[type] ?? []) : []).map((value) => ({
    kind: "wrong type",
    path,
    input: put(value),
  }));
  const outside: readonly Worse[] = Array.isArray(values)
    ? [{ kind: "outside the enum", path, input: put("no such value") }]
    : [];
  const itemType = isJsonObject(items) ? items["type"] : undefined;
  const wrongItems = type === "array" && typeof itemType === "string" ? (WRONG[itemType] ?? []) : [];
  const inside = wrongItems.map((value) => ({ kind: "wrong type of an item", path, input: put([value]) }));
  const value = input[field];
  const nested =
    type === "object" && isJsonObject(value)
      ? worsen(value, schema)
          .filter(({ isClosed }) => isClosed !== true)
          .map((worse) => ({ kind: `${worse.kind} inside`, path, input: put(worse.input) }))
      : [];
  return [...wrong, ...outside, ...inside, ...nested];
}

function checkWorse(call: CallCase, { kind, input, path, isClosed = false }: Worse): void {
  const { tally, id, name } = call;
  count(tally, `perturbed: ${kind}`);
  const resolved = resolve(isClosed ? { ...call, functions: call.functions.map(close) } : call, input);
  if (resolved.tag === "call")
    return void tally.failures.push(`${id} ${name}: taken with ${kind}: ${JSON.stringify(input)}`);
  count(tally, "perturbed answers refused");
  const isPlaced = resolved.problems.some((problem) => problem.path === path || problem.path.startsWith(path));
  if (!isPlaced || !resolved.message.includes(path))
    tally.failures.push(`${id} ${name}: ${kind} is told at another place: ${resolved.message}`);
}

/** No function of the leaderboard is closed: it is closed here, as strict tools are. */
function close({ name, schema }: Function): Function {
  return toFunction({ name, description: "", parameters: { ...schema, additionalProperties: false } });
}

function resolve({ functions, name }: CallCase, input: JsonObject): ReturnType<typeof resolveCall> {
  return resolveCall(
    { id: "1", tool: name, input },
    functions.map(({ tool }) => tool),
  );
}

function without(input: JsonObject, field: string): JsonObject {
  return Object.fromEntries(Object.entries(input).filter(([name]) => name !== field));
}

if (import.meta.main) {
  const folder = findData(process.argv[2] ?? process.env["PAWL_DATA"]);
  if (folder === undefined) {
    console.error(
      "Expected the folder of the BFCL v4 data as argument or in PAWL_DATA, got none that holds possible_answer.",
    );
    process.exitCode = 2;
  } else {
    const { counts, reasons, failures } = checkCases(folder);
    for (const reason of reasons) console.log(`REASON ${reason}`);
    for (const failure of failures) console.log(`FAILED ${failure}`);
    for (const [what, number] of Object.entries(counts).sort(byName))
      console.log(`${String(number).padStart(7)} ${what}`);
    const isWell = failures.length === 0 && (counts["cases"] ?? 0) > 0;
    const said = `${counts["cases"] ?? 0} cases, ${reasons.length} explained, ${failures.length} failures`;
    console.log(`RESULT ${isWell ? "ok" : "fail"}: ${said}`);
    if (!isWell) process.exitCode = 1;
  }
}
