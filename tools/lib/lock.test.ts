import { expect, it } from "vitest";
import { findMissingOptional } from "./lock.ts";

it("finds an optional platform package wherever Node would look for it", () => {
  const packages = {
    "": { optionalDependencies: { top: "1.0.0" } },
    "node_modules/top": {},
    "node_modules/@scope/tool": { optionalDependencies: { own: "1.0.0", shared: "1.0.0" } },
    "node_modules/@scope/tool/node_modules/own": {},
    "node_modules/shared": {},
  };
  expect(findMissingOptional({ packages })).toEqual([]);
});

it("names what is missing and who wants it, and is not content with another package's own copy", () => {
  const packages = {
    "": { optionalDependencies: { gone: "1.0.0" } },
    "node_modules/a": { optionalDependencies: { "@a/darwin": "1.0.0" } },
    "node_modules/b/node_modules/@a/darwin": {},
  };
  expect(findMissingOptional({ packages })).toEqual([
    "gone wanted by the root package",
    "@a/darwin wanted by node_modules/a",
  ]);
});
