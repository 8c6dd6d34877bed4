import { readdir, readFile } from "node:fs/promises";

/** open(2): closed when another program is executed. In octal, as proc(5) writes the flags. */
const CLOSED_ON_EXEC = 0o2000000;
const LAST_STANDARD = 2;

/**
 * Gives the descriptors of this process that whatever it starts would inherit, beside the standard streams. Node makes
 * none, but it may have got some from whoever started it; an open folder among them would lead out of any sandbox.
 */
export async function findLeaking(): Promise<readonly number[]> {
  const names = await readdir("/proc/self/fdinfo").catch(() => []);
  const found = await Promise.all(names.map(async (name) => ((await isLeaking(name)) ? [Number(name)] : [])));
  return found.flat().filter((descriptor) => descriptor > LAST_STANDARD);
}

async function isLeaking(name: string): Promise<boolean> {
  const info = await readFile(`/proc/self/fdinfo/${name}`, "latin1").catch(() => "");
  const flags = /^flags:\s+([0-7]+)$/mu.exec(info)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & CLOSED_ON_EXEC) === 0;
}
