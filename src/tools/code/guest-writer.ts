/** What became of a value: its JSON, or why there is none. */
export type Written =
  | { readonly tag: "written"; readonly text: string }
  | { readonly tag: "refused"; readonly why: string };

/**
 * Makes a writer of strict JSON that never writes more than `maxLength` characters, all values together. It runs inside
 * the sandbox and is sent there as source: it can use nothing but its parameter and what QuickJS has, which it takes
 * before the code of the user runs. Getters and proxies of the value run too; what they throw is let through.
 */
export function createWriter(maxLength: number): (value: unknown) => Written {
  const { getPrototypeOf, keys, prototype: objectPrototype } = Object;
  const { isArray, prototype: arrayPrototype } = Array;
  const { MAX_SAFE_INTEGER } = Number;
  const { stringify } = JSON;
  const { get } = Reflect;
  const MOST_DEPTH = 60;
  const refusal = new Error("refused"); // nobody else has a hold on it
  let [why, left] = ["", maxLength];

  const refuse = (reason: string): never => {
    why = reason;
    throw refusal;
  };
  const spend = (text: string): string => {
    left -= text.length;
    return left < 0 ? refuse(`more than ${maxLength} characters of JSON`) : text;
  };
  const write = (value: unknown, depth: number): string => {
    switch (typeof value) {
      case "string":
        return value.length > left ? spend(value) : spend(stringify(value));
      case "boolean":
        return spend(value ? "true" : "false");
      case "number":
        if (value <= MAX_SAFE_INTEGER && value >= -MAX_SAFE_INTEGER) return spend(stringify(value));
        return refuse(`the number ${value}, which is not exact in JSON`);
      case "object":
        if (value === null) return spend("null");
        if (depth > MOST_DEPTH) return refuse("lists and objects nested too deeply, or a cycle");
        return isArray(value) ? writeList(value, depth + 1) : writeObject(value, depth + 1);
      default:
        return refuse(`a value of type ${typeof value}`);
    }
  };
  const writeList = (list: readonly unknown[], depth: number): string => {
    if (getPrototypeOf(list) !== arrayPrototype) return refuse("a list of a class of its own");
    let text = "";
    for (let at = 0; at < list.length; at += 1) text += `${at === 0 ? "" : ","}${write(list[at], depth)}`;
    return spend("[]") && `[${text}]`;
  };
  const writeObject = (value: object, depth: number): string => {
    const prototype: unknown = getPrototypeOf(value);
    if (prototype !== objectPrototype && prototype !== null) return refuse("an instance of a class, such as a Date");
    const names = keys(value);
    let text = "";
    for (let at = 0; at < names.length; at += 1) {
      const item: unknown = get(value, names[at] ?? "");
      if (item !== undefined) text += `${text === "" ? "" : ","}${spend(stringify(names[at]))}:${write(item, depth)}`;
    }
    return spend("{}") && `{${text}}`;
  };
  return (value) => {
    try {
      return { tag: "written", text: write(value, 0) };
    } catch (error) {
      if (error === refusal) return { tag: "refused", why };
      throw error;
    }
  };
}
