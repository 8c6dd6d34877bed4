/** The part of package.json that says what a package offers. */
export interface Manifest {
  readonly name: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

/** All that may be in the package; whatever else is found there was packed by mistake. */
const ALLOWED: readonly RegExp[] = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^bin\/[\w-]+\.cjs$/,
  /^dist\/(?!.*\.test(-d)?\.)[\w./-]+\.(js|d\.ts|wasm)$/,
  /^schemas\/[\w./-]+\.json$/,
];

/** Gives what is wrong with a package of these files: what must not be in it, and what it promises but lacks. */
export function findContentProblems(manifest: Manifest, files: readonly string[]): string[] {
  const promised = [
    "package.json",
    "README.md",
    "LICENSE",
    "dist/cli/main.js",
    ...Object.values(manifest.bin),
    ...Object.values(manifest.exports).flatMap((target) =>
      typeof target === "string" ? target : Object.values(target),
    ),
  ].map((file) => file.replace(/^\.\//, ""));
  return [
    ...files
      .filter((file) => !ALLOWED.some((pattern) => pattern.test(file)))
      .map((file) => `must not be packed: ${file}`),
    ...new Set(promised.filter((file) => !files.includes(file)).map((file) => `is missing: ${file}`)),
  ];
}

/** Gives the names under which users import the package's modules. */
export function toSpecifiers(manifest: Manifest): string[] {
  return Object.keys(manifest.exports)
    .filter((subpath) => !subpath.endsWith(".json"))
    .map((subpath) => manifest.name + subpath.slice(1));
}
