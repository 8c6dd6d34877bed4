import { InputError, isJsonObject, type Json, type Problem } from "../base/index.ts";
import { describeKind } from "./fields.ts";

/**
 * Placeholders in the `effect` part of a node: `${output.payment.id}`.
 *
 * The engine evaluates `with`, never `effect`, since an undo knows more than the plan does: the output. So these are
 * plain paths, not expressions: a name, then fields or list positions, each after a dot.
 */
const PLACEHOLDER = /\$\{([^}]*)\}/gu;
const WHOLE = /^\$\{([^}]*)\}$/u;
const PATH = /^\s*([a-z]+)((?:\.[\w-]+)*)\s*$/iu;

/** What placeholders can name, such as `{ input, output, key }`. */
export type PlaceholderScope = Readonly<Record<string, Json>>;

/** How a value becomes a part of a string. */
export type Encode = (text: string, placeholder: string) => string;

/** Gives a problem for each placeholder that no scope with these roots could fill. */
export function findPlaceholderProblems(template: Json, path: string, roots: readonly string[]): Problem[] {
  if (typeof template === "string") return findInText(template, path, roots);
  if (Array.isArray(template)) {
    return template.flatMap((entry: Json, index) => findPlaceholderProblems(entry, `${path}.${index}`, roots));
  }
  if (!isJsonObject(template)) return [];
  return Object.entries(template).flatMap(([name, entry]) => findPlaceholderProblems(entry, `${path}.${name}`, roots));
}

function findInText(text: string, path: string, roots: readonly string[]): Problem[] {
  const list = roots.map((root) => `\${${root}...}`).join(", ");
  const shared = { code: "TOOL_PLACEHOLDER", path, expected: `plain paths from ${list}` };
  const problems = [...text.matchAll(PLACEHOLDER)]
    .filter(([, inside = ""]) => !roots.includes(PATH.exec(inside)?.[1] ?? ""))
    .map(([whole]) => ({ ...shared, got: whole, fix: "In `effect` there are no expressions: name one value." }));
  const isOpen = text.replace(PLACEHOLDER, "").includes("${");
  return isOpen ? [...problems, { ...shared, got: "`${` without `}`", fix: "Close the placeholder." }] : problems;
}

/**
 * Fills the placeholders of every string inside a value. A string that is one placeholder becomes the value itself.
 *
 * @throws {InputError} TOOL_PLACEHOLDER when a value is missing or cannot stand inside text.
 */
export function fillJson(template: Json, scope: PlaceholderScope): Json {
  if (typeof template === "string") {
    const inside = WHOLE.exec(template)?.[1];
    return inside === undefined ? fillText(template, scope) : lookUp(inside, scope);
  }
  if (Array.isArray(template)) return template.map((entry: Json) => fillJson(entry, scope));
  if (!isJsonObject(template)) return template;
  return Object.fromEntries(Object.entries(template).map(([name, entry]) => [name, fillJson(entry, scope)]));
}

/**
 * Fills the placeholders of one string; the result is a string, whatever the values hold.
 *
 * @throws {InputError} TOOL_PLACEHOLDER when a value is missing, null, a list or an object.
 */
export function fillText(template: string, scope: PlaceholderScope, encode: Encode = (text) => text): string {
  return template.replace(PLACEHOLDER, (whole, inside: string) => {
    const value = lookUp(inside, scope);
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      return encode(String(value), whole);
    }
    throw refuse(whole, `it is ${describeKind(value)}; only a string, a number, true or false can stand inside text`);
  });
}

function lookUp(inside: string, scope: PlaceholderScope): Json {
  const whole = `\${${inside}}`;
  const [, root = "", rest = ""] = PATH.exec(inside) ?? [];
  const steps = [root, ...rest.split(".").slice(1)];
  let value: Json = scope;
  for (const step of steps) {
    const next: Json | undefined = field(value, step);
    if (next === undefined) throw refuse(whole, `there is no ${JSON.stringify(step)} in ${describeKind(value)}`);
    value = next;
  }
  return value;
}

/** Own fields only: `constructor` and the like are not data. */
function field(value: Json, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  if (Array.isArray(value)) return /^\d+$/u.test(name) ? value[Number(name)] : undefined;
  return isJsonObject(value) ? value[name] : undefined;
}

function refuse(placeholder: string, why: string): InputError {
  const advice =
    "Correct the path in the node's `effect`; `input` is the evaluated `with`, `output` the node's output.";
  return new InputError("TOOL_PLACEHOLDER", `Cannot fill ${placeholder}: ${why}. ${advice}`);
}
