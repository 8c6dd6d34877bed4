import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./paths.ts";
import { capture } from "./step.ts";

/**
 * Compiles src to dist. Into a folder beside it first, so that a failed build leaves the last good dist,
 * and whoever runs from dist meanwhile never meets half of it.
 *
 * @throws {Error} with the compiler's output if src doesn't compile.
 */
export async function build(): Promise<void> {
  const fresh = join(ROOT, `dist-${process.pid}`);
  try {
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const { code, output } = await capture([process.execPath, tsc, "-p", "tsconfig.build.json", "--outDir", fresh]);
    if (code !== 0) throw new Error(output);
    await rm(join(ROOT, "dist"), { recursive: true, force: true });
    await rename(fresh, join(ROOT, "dist"));
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
