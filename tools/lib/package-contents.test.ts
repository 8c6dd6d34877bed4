import { expect, it } from "vitest";
import { findContentProblems, toSpecifiers, type Manifest } from "./package-contents.ts";

const manifest: Manifest = {
  name: "pawl",
  bin: { pawl: "bin/pawl.cjs" },
  exports: {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./test": { types: "./dist/testing/index.d.ts", default: "./dist/testing/index.js" },
    "./package.json": "./package.json",
  },
};
const modules = ["dist/index", "dist/testing/index", "dist/cli/main"].flatMap((file) => [`${file}.js`, `${file}.d.ts`]);
const whole = ["package.json", "README.md", "LICENSE", "bin/pawl.cjs", ...modules];

it("accepts a package that holds what it promises and nothing else", () => {
  expect(findContentProblems(manifest, whole)).toEqual([]);
});

it("refuses tests, sources and strangers", () => {
  const strangers = [
    "dist/plan/fold.test.js",
    "dist/plan/fold.test-d.d.ts",
    "src/index.ts",
    ".env",
    "dist/index.js.map",
  ];
  expect(findContentProblems(manifest, [...whole, ...strangers])).toEqual(
    strangers.map((file) => `must not be packed: ${file}`),
  );
});

it("names each promised file that is missing once", () => {
  const files = whole.filter((file) => file !== "dist/index.d.ts" && file !== "README.md");
  expect(findContentProblems(manifest, files)).toEqual(["is missing: README.md", "is missing: dist/index.d.ts"]);
});

it("gives the names that users import", () => {
  expect(toSpecifiers(manifest)).toEqual(["pawl", "pawl/test"]);
});
