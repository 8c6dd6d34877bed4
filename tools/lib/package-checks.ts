import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findContentProblems, toSpecifiers, type Manifest } from "./package-contents.ts";
import { ROOT } from "./paths.ts";
import { capture, runCheck, runStep, type StepOutcome } from "./step.ts";

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the built package once and looks at it as its users get it. Needs no network. */
export async function checkPackage(): Promise<StepOutcome[]> {
  const folder = await mkdtemp(join(tmpdir(), "pawl-pack-"));
  try {
    const manifest: Manifest = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    const packed = Promise.withResolvers<Packed>();
    const contents = runCheck("package contents", async () => {
      const attempt = pack(folder);
      packed.resolve(attempt);
      return requireContents(manifest, await attempt);
    });
    const archive = await packed.promise.then(
      (value) => join(folder, value.filename),
      () => undefined,
    );
    return [await contents, await checkImports(manifest), ...(archive === undefined ? [] : await lintArchive(archive))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pack(folder: string): Promise<Packed> {
  const options = ["pack", "--json", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const npm = process.env["npm_execpath"];
  const { code, output } = await capture(npm === undefined ? ["npm", ...options] : [process.execPath, npm, ...options]);
  if (code !== 0) throw new Error(`npm pack failed: ${output}`);
  const [packed]: Packed[] = JSON.parse(output);
  if (packed === undefined) throw new Error(`npm pack packed nothing: ${output}`);
  return packed;
}

async function requireContents(manifest: Manifest, packed: Packed): Promise<string> {
  const problems = findContentProblems(
    manifest,
    packed.files.map((file) => file.path),
  );
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return `${packed.files.length} files`;
}

/** Every public name loads in a Node of its own, by the name that users write. */
async function checkImports(manifest: Manifest): Promise<StepOutcome> {
  return await runCheck("package imports", async () => {
    const program = toSpecifiers(manifest).map((name) => `await import(${JSON.stringify(name)});`);
    const { code, output } = await capture([process.execPath, "--input-type=module", "-e", program.join("\n")]);
    if (code !== 0) throw new Error(output);
    return output;
  });
}

async function lintArchive(archive: string): Promise<StepOutcome[]> {
  return [
    await runStep({ name: "publint", file: "node_modules/publint/src/cli.js", args: ["run", archive, "--strict"] }),
    await runStep({
      name: "types of the package",
      file: "node_modules/@arethetypeswrong/cli/dist/index.js",
      args: [archive, "--profile", "esm-only", "--no-definitely-typed", "--no-emoji"],
    }),
  ];
}
