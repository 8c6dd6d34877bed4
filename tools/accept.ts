/**
 * `npm run accept -- AREA [ROW FILTER]`: runs the rows of docs/acceptance/AREA.md whose claim or command contains the
 * filter, and writes into the last column what came out. A command says how it went in the last line of its output
 * of the form `RESULT ok: TEXT` or `RESULT fail: TEXT`; an exit code other than 0 is a failure whatever it says.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRows, writeLastSeen, type AcceptanceRow } from "./lib/acceptance-table.ts";
import { ROOT } from "./lib/paths.ts";

interface Verdict {
  readonly isOk: boolean;
  readonly text: string;
}

const [area = "", ...filterWords] = process.argv.slice(2);
const folder = join(ROOT, "docs", "acceptance");
const file = join(folder, `${area}.md`);

if (area === "" || !existsSync(file)) {
  const areas = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".md")) : [];
  console.error(`Expected one of ${areas.join(", ") || "docs/acceptance/*.md (none yet)"}, got "${area}".`);
  console.error("Write: npm run accept -- AREA [ROW FILTER]");
  process.exitCode = 2;
} else {
  await accept(filterWords.join(" ").toLowerCase());
}

async function accept(filter: string): Promise<void> {
  const all = parseRows(await readFile(file, "utf8"));
  const rows = all.filter((row) => `${row.claim} ${row.command ?? ""}`.toLowerCase().includes(filter));
  const counts = { ok: 0, failed: 0, notReached: 0 };
  for (const row of rows) {
    console.log(`\n== ${row.claim}`);
    if (row.isNotReached) {
      counts.notReached += 1;
      console.log("not reached");
      continue;
    }
    const verdict = await judge(row);
    counts[verdict.isOk ? "ok" : "failed"] += 1;
    await record(row, verdict);
  }
  console.log(`\n${area}: ${counts.ok} ok, ${counts.failed} failed, ${counts.notReached} not reached`);
  if (counts.failed > 0 || rows.length === 0) process.exitCode = 1;
}

/** Reads the page again each time: rows take long, and someone may edit it meanwhile. */
async function record(row: AcceptanceRow, verdict: Verdict): Promise<void> {
  const today = new Date().toLocaleDateString("sv"); // Swedish writes local dates as 2026-11-24
  const seen = `${verdict.isOk ? "ok" : "FAILED"} ${today}: ${verdict.text}`;
  console.log(seen);
  await writeFile(file, writeLastSeen(await readFile(file, "utf8"), row, seen));
}

async function judge(row: AcceptanceRow): Promise<Verdict> {
  if (row.command === undefined)
    return { isOk: false, text: "the row has neither a command in backticks nor `not reached`" };
  const { ending, output } = await runShell(row.command);
  const result = /^RESULT (ok|fail): *(.*)$/.exec(
    output.split(/\r?\n/).findLast((line) => /^RESULT (ok|fail):/.test(line)) ?? "",
  );
  const text = result?.[2]?.trim() ?? "no line `RESULT ok: TEXT` in the output";
  if (ending !== "exit code 0") return { isOk: false, text: result === null ? ending : `${text} (${ending})` };
  return { isOk: result?.[1] === "ok", text };
}

/** Runs a shell command from the root, showing its output as it comes; gives its standard output and how it ended. */
async function runShell(command: string): Promise<{ ending: string; output: string }> {
  const child = spawn("sh", ["-c", command], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    process.stdout.write(chunk);
  });
  const { promise, resolve } = Promise.withResolvers<string>();
  child.on("error", (error) => resolve(error.message));
  child.on("close", (code, signal) => resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`));
  return { ending: await promise, output: Buffer.concat(chunks).toString("utf8") };
}
