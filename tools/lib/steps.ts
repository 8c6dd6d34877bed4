import type { Step } from "./step.ts";

/** The type check of everything, tests of types included. */
export const types: Step = { name: "types", file: "node_modules/typescript/bin/tsc", args: ["-p", "tsconfig.json"] };

/** The examples are written as users write: without the annotations that our own declarations need. */
export const exampleTypes: Step = {
  name: "example types",
  file: "node_modules/typescript/bin/tsc",
  args: ["-p", "examples"],
};

/** What `npm run check` looks at, the slowest first, so that two at a time end soonest. */
export const checks: readonly Step[] = [
  { name: "lint", file: "node_modules/oxlint/bin/oxlint" },
  { name: "unused", file: "node_modules/knip/bin/knip.js", args: ["--no-config-hints"] },
  types,
  exampleTypes,
  { name: "format", file: "node_modules/oxfmt/bin/oxfmt", args: ["--check"] },
  { name: "lock", file: "tools/check-lock.ts" },
];
