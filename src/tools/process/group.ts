import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Process groups. A command is the leader of a group of its own, so that what it starts can be ended with it.
 *
 * A group lives as long as any member does, also when the leader is gone; the kernel gives its number to nobody else
 * until then. A member that makes a session of its own (`setsid`) has left and is out of reach.
 */
const FIRST_LOOK_MS = 5;
const LONGEST_PAUSE_MS = 100;

/**
 * Ends a group: SIGTERM, up to `graceMs` for it to end by itself, then SIGKILL. Returns at once when nobody is left.
 * After SIGKILL it doesn't wait: nothing can outlive that.
 */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  if (!signalGroup(leader, "SIGTERM")) return;
  let pause = FIRST_LOOK_MS;
  for (let waited = 0; waited < graceMs; waited += pause) {
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS, graceMs - waited);
    await sleep(pause);
    if (!(await hasLiving(leader))) return;
  }
  signalGroup(leader, "SIGKILL");
}

/** Sends a signal to all members (0 only looks); tells whether there is any. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    // Windows has no groups: there only the leader is reached.
    process.kill(process.platform === "win32" ? leader : -leader, signal);
    return true;
  } catch (error) {
    // EPERM: there are members, but of another user (a setuid program).
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Tells whether any member still runs. A dead member that nobody collects counts as one for `kill`: in a container
 * whose first process is no init that is for ever, so where there is a /proc, that has the last word.
 */
async function hasLiving(leader: number): Promise<boolean> {
  if (!signalGroup(leader, 0)) return false;
  if (process.platform !== "linux") return true;
  const names = await readdir("/proc").catch(() => []);
  const ids = names.filter((name) => /^\d+$/u.test(name));
  const stats = await Promise.all(ids.map((id) => readFile(`/proc/${id}/stat`, "latin1").catch(() => "")));
  return stats.length === 0 || stats.some((stat) => isLivingMember(stat, leader));
}

/** proc(5): pid (name) state parent group ...; the name may hold anything, also parentheses and spaces. */
function isLivingMember(stat: string, leader: number): boolean {
  const [state = "Z", , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(group) === leader && state !== "Z" && state !== "X";
}
