import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { PermanentError, toExcerpt } from "../../base/index.ts";

const USUAL = ["/usr/bin", "/usr/local/bin", "/bin", "/run/current-system/sw/bin"];

/**
 * Gives the path of bubblewrap.
 *
 * @throws {PermanentError} SANDBOX_MISSING where there is none: nothing is ever run outside a sandbox.
 */
export async function findBubblewrap(
  path: string = process.env["PATH"] ?? "",
  usual: readonly string[] = USUAL,
): Promise<string> {
  if (process.platform === "linux") {
    for (const folder of [...usual, ...path.split(":").filter(isAbsolute)]) {
      const file = join(folder, "bwrap");
      if (await mayRun(file)) return file;
    }
  }
  throw toSandboxMissing("there is no program `bwrap`");
}

/** Makes the error of a sandbox that does not come to stand; the command was not run. */
export function toSandboxMissing(why: string): PermanentError {
  const install =
    "It needs Linux and bubblewrap 0.8 or newer (`apt-get install bubblewrap`, `dnf install bubblewrap`, `apk add bubblewrap`)";
  const namespaces =
    "and a kernel that lets this user make namespaces (`sysctl kernel.unprivileged_userns_clone=1`, on Ubuntu " +
    "`kernel.apparmor_restrict_unprivileged_userns=0`; in a container: one that allows nested user namespaces).";
  const excerpt = toExcerpt(why, 500);
  return new PermanentError(
    "SANDBOX_MISSING",
    `No sandbox for commands: ${excerpt}. ${install} ${namespaces} The command was not run.`,
  );
}

async function mayRun(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
