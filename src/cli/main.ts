import { readFileSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/*
 * The command line's entry. Starting it is all it does; what a verb needs is loaded when the verb is known.
 */

const argv = process.argv.slice(2);

if (argv[0] === "--version" || argv[0] === "-V") process.stdout.write(`${readVersion()}\n`);
else await start();

async function start(): Promise<void> {
  enableCompileCache(cacheFolder());
  const { runCli } = await import("./program.ts");
  const code = await runCli(argv);
  // Idle handles of the runtime or of a user's configuration must not keep a finished command alive.
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  process.exit(code);
}

/** Compiled code, kept between starts: a third of the time. In the account's own folder, where nobody else can write. */
function cacheFolder(): string | undefined {
  const { NODE_COMPILE_CACHE: chosen, XDG_CACHE_HOME: caches, LOCALAPPDATA: local } = process.env;
  if (chosen) return undefined; // Node reads it itself
  return join(caches || (process.platform === "win32" && local) || join(homedir(), ".cache"), "pawl");
}

function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version }: { readonly version: string } = JSON.parse(text);
  return version;
}
