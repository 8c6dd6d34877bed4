import { checkEnvironment, checkFolderState, type Finding } from "../doctor.ts";
import { loadConfig } from "../config.ts";
import { folderOf, type CliContext } from "../context.ts";
import { InputError } from "../../base/index.ts";
import { EXIT } from "../exit-codes.ts";
import { table } from "../table.ts";
import { oneLine, toJsonText } from "../text.ts";

/** `pawl doctor`: 0 if all is well, 1 if something needs a hand. */
export async function performDoctor(context: CliContext): Promise<number> {
  const { finding, dir } = await checkConfig(context);
  const { full } = folderOf(context, dir);
  const findings = [...checkEnvironment(), finding, ...(await checkFolderState(full))];
  const isWell = findings.every(({ ok }) => ok);
  if (context.isJson) context.write(toJsonText({ ok: isWell, checks: findings }));
  else show(context, findings);
  return isWell ? EXIT.ok : EXIT.failed;
}

async function checkConfig(context: CliContext): Promise<{ readonly finding: Finding; readonly dir?: string }> {
  try {
    const { use = [], dir } = await loadConfig(context);
    const found = use.length === 0 ? "no actions of your own" : use.map(({ name }) => name).join(", ");
    const finding: Finding = { name: "configuration", ok: true, found, fix: null };
    return dir === undefined ? { finding } : { finding, dir };
  } catch (error) {
    if (!InputError.is(error)) throw error;
    return {
      finding: { name: "configuration", ok: false, found: error.message, fix: "Correct the configuration file." },
    };
  }
}

function show({ write, paint }: CliContext, findings: readonly Finding[]): void {
  const rows = findings.map(({ name, ok, found }) => [
    ok ? paint("green", "✓ ok") : paint("red", "✗ fix"),
    name,
    oneLine(found),
  ]);
  for (const [at, line] of table(rows).entries()) {
    write(line);
    const fix = findings[at]?.fix;
    if (fix !== null && fix !== undefined) write(`         ${oneLine(fix)}`);
  }
}
