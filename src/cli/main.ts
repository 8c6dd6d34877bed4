import { readFileSync } from "node:fs";

/*
 * The command line's entry. Starting it is all it does; what a verb needs is loaded when the verb is known.
 */

const argv = process.argv.slice(2);

if (argv[0] === "--version" || argv[0] === "-V") process.stdout.write(`${readVersion()}\n`);
else await start();

async function start(): Promise<void> {
  const { runCli } = await import("./program.ts");
  const code = await runCli(argv);
  // Idle handles of the runtime or of a user's configuration must not keep a finished command alive.
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  process.exit(code);
}

function readVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version }: { readonly version: string } = JSON.parse(text);
  return version;
}
