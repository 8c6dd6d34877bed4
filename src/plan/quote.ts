const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const quotePath = (path: readonly string[]): string =>
  path.map((name) => (PLAIN.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`)).join("");

export const quoteNodePath = (id: string, path: readonly string[]): string =>
  `nodes${quotePath([id])}.output${quotePath(path)}`;
export const quoteInputPath = (path: readonly string[]): string => `input${quotePath(path)}`;
