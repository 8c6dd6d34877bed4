import type { ViteUserConfig } from "vitest/config";

/** Examples and benchmarks import the package by its name; here that is the source, so that nothing needs building. */
const publicNames = [
  { find: /^pawl$/, replacement: "/src/index.ts" },
  { find: /^pawl\/test$/, replacement: "/src/testing/index.ts" },
  { find: /^pawl\/(.+)$/, replacement: "/src/$1/index.ts" },
];

/** Two workers: the machines that run this in CI have two cores, and more only makes the timing tests slower. */
const config: ViteUserConfig = {
  resolve: {
    alias: publicNames.map(({ find, replacement }) => ({ find, replacement: import.meta.dirname + replacement })),
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "tools/**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { provider: "v8", include: ["src/**/*.ts"], exclude: ["src/**/*.test.ts", "src/**/*.test-d.ts"] },
  },
};

export default config;
