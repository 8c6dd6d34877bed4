import { lstatSync, readlinkSync } from "node:fs";
import type { ShellSettings } from "./options.ts";

/** One command for the sandbox. */
export interface Boxed {
  readonly bubblewrap: string;
  readonly settings: ShellSettings;
  /** Where `dir` really is. */
  readonly dir: string;
  /** A word that nobody can guess: the name of its machine, and the first line of its output. */
  readonly mark: string;
  readonly argv: readonly string[];
  /** Descriptors that it would inherit and must not. */
  readonly leaking: readonly number[];
}

const WALLS = "--unshare-all --unshare-user --disable-userns --die-with-parent --new-session --cap-drop ALL".split(" ");
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const ENVIRONMENT = [
  ["PATH", PATH],
  ["HOME", "/tmp"],
  ["LANG", "C.UTF-8"],
].flatMap((pair) => ["--setenv", ...pair]);
const TEMPORARY_BYTES = 268_435_456;
const SYSTEM = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];
const SETTINGS = ["/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime"];
const NETWORK_SETTINGS = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/ssl/certs",
  "/etc/ca-certificates",
  "/etc/pki/tls",
  "/etc/pki/ca-trust",
];
/** Where the kernel asks who the user is instead of what it may: to root of the machine these are open. */
const KERNEL_FOLDERS = ["acpi", "asound", "bus", "driver", "fs", "irq", "scsi", "sys"];
const KERNEL_FILES = ["kcore", "keys", "kmsg", "mtrr", "sysrq-trigger", "timer_list"];

/**
 * Sets what the kernel bounds for each process, says that the sandbox stands, and becomes the command, which stands
 * back for the host. Processes are `-u` in most shells and `-p` in dash. A bound that was stricter before stays.
 */
const BOUNDED =
  'ulimit -c 0; ulimit -f "$2"; ulimit -d "$3"; (ulimit -u "$4") 2>/dev/null && ulimit -u "$4" || ulimit -p "$4"; ' +
  'printf "%s\\n" "$1"; shift 4; exec nice -n 10 "$@"';

/** Gives the command line that runs a command in bubblewrap: namespaces, environment, mounts, bounds. */
export function toSandbox({ bubblewrap, settings, dir, mark, argv, leaking }: Boxed): readonly string[] {
  const { fileBytes, memoryBytes, processes } = settings.limits;
  const bounds = [Math.ceil(fileBytes / 512), Math.ceil(memoryBytes / 1024), processes].map(String);
  const parts = [WALLS, settings.hasNetwork ? ["--share-net"] : [], ["--hostname", mark, "--clearenv"], ENVIRONMENT];
  const closing = leaking.map((descriptor) => `exec ${descriptor}>&-; `).join("");
  const command = ["--", ...toShell(leaking), "-c", closing + BOUNDED, "sh", mark, ...bounds, ...argv];
  return [bubblewrap, ...parts.flat(), ...mountAll(settings, dir), ...command];
}

/** A plain shell can close the first ten descriptors only. Without bash the sandbox then does not come to stand. */
function toShell(leaking: readonly number[]): readonly string[] {
  return leaking.some((descriptor) => descriptor > 9) ? ["/bin/bash", "--posix"] : ["/bin/sh"];
}

/** Order matters: what comes later lies over what came before, and the root is closed last. */
function mountAll({ hasNetwork, isReadOnly, reads }: ShellSettings, dir: string): readonly string[] {
  const settings = [...SETTINGS, ...(hasNetwork ? NETWORK_SETTINGS : []), "/nix/store"];
  const parts = [
    ["--ro-bind", "/usr", "/usr"],
    ...SYSTEM.map(mountSystem),
    ...settings.map((path) => ["--ro-bind-try", path, path]),
    ["--proc", "/proc"],
    hideKernel(),
    ["--dev", "/dev"],
    ...["/dev/shm", "/tmp"].map((path) => ["--size", String(TEMPORARY_BYTES), "--tmpfs", path]),
    ...reads.map((path) => ["--ro-bind", path, path]),
    [isReadOnly ? "--ro-bind" : "--bind", dir, "/work", "--chdir", "/work"],
    ["--remount-ro", "/dev", "--remount-ro", "/"],
  ];
  return parts.flat();
}

/** On most systems these are links into /usr. */
function mountSystem(path: string): readonly string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return found.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

function hideKernel(): readonly string[] {
  const isThere = (name: string): boolean => lstatSync(`/proc/${name}`, { throwIfNoEntry: false }) !== undefined;
  const folders = KERNEL_FOLDERS.filter(isThere).map((name) => `/proc/${name}`);
  const files = KERNEL_FILES.filter(isThere).map((name) => `/proc/${name}`);
  return [
    ...folders.flatMap((path) => ["--tmpfs", path, "--remount-ro", path]),
    ...files.flatMap((path) => ["--ro-bind", "/dev/null", path]),
  ];
}
