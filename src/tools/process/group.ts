import { setTimeout as sleep } from "node:timers/promises";

/**
 * Process groups. A command is the leader of a group of its own, so that what it starts can be ended with it.
 *
 * A group lives as long as any member does, also when the leader is gone; the kernel gives its number to nobody else
 * until then. A member that makes a session of its own (`setsid`) has left and is out of reach.
 */
const LOOK_EVERY_MS = 20;

/**
 * Ends a group: SIGTERM, up to `graceMs` for it to end by itself, then SIGKILL. Returns at once when nobody is left.
 * After SIGKILL it doesn't wait: a dead member that nobody collects would look alive for ever.
 */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  if (!signalGroup(leader, "SIGTERM")) return;
  const rounds = Math.ceil(graceMs / LOOK_EVERY_MS);
  for (let round = 0; round < rounds; round += 1) {
    await sleep(Math.min(LOOK_EVERY_MS, graceMs));
    if (!signalGroup(leader, 0)) return;
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
