/**
 * `sandbox-corpus.ts [--only TEXT]`: escapes and bombs against both sandboxes, `code` and `shell`.
 *
 * Each case says what may come of it; anything else is a failure, and whatever reaches a canary is an escape. All the
 * while the host beats a heart; in the end it must have given back what it took. The last line counts; exit code 1 on
 * a failure. Where there is no bubblewrap the cases of the shell are skipped and counted as such.
 */
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { QUIET, type AnyAction } from "../../src/action/index.ts";
import { RuntimeFailure, type Json } from "../../src/base/index.ts";
import { codeTool } from "../../src/tools/code/code-tool.ts";
import { shellTool } from "../../src/tools/shell/shell-tool.ts";

/** What may come of code: this value, any value, or one of these failures. */
type CodeVerdict = { readonly value: Json } | { readonly codes: readonly string[] } | "anything";
type CodeCase = readonly [name: string, code: string, verdict: CodeVerdict];

const CANARY = `canary-${process.pid}-7c1e`;
const LATE: CodeVerdict = { codes: ["CODE_TIMEOUT"] };
const LARGE: CodeVerdict = { codes: ["CODE_TOO_MUCH_MEMORY"] };
const FAILED: CodeVerdict = { codes: ["CODE_FAILED"] };
const BAD: CodeVerdict = { codes: ["CODE_BAD_OUTPUT"] };
const BOUNDED: CodeVerdict = { codes: ["CODE_TIMEOUT", "CODE_TOO_MUCH_MEMORY", "CODE_FAILED", "CODE_BAD_OUTPUT"] };
const NONE: CodeVerdict = { value: "undefined" };

const REACHES: readonly CodeCase[] = [
  [
    "names of Node",
    "[typeof process, typeof require, typeof module, typeof Buffer, typeof global].join('')",
    { value: "undefined".repeat(5) },
  ],
  [
    "names of the web",
    "[typeof fetch, typeof XMLHttpRequest, typeof WebSocket, typeof setTimeout, typeof queueMicrotask].join('')",
    { value: "undefined".repeat(5) },
  ],
  [
    "names of engines",
    "[typeof WebAssembly, typeof Deno, typeof Bun, typeof Atomics, typeof std, typeof os].join('')",
    { value: "undefined".repeat(6) },
  ],
  [
    "names of the worker",
    "[typeof parentPort, typeof workerData, typeof postMessage, typeof self, typeof Worker].join('')",
    { value: "undefined".repeat(5) },
  ],
  ["this.constructor.constructor", "return this.constructor.constructor('return typeof process')()", "anything"],
  ["Function", "Function('return typeof process')()", NONE],
  ["new Function, this", "typeof new Function('return this')().process", NONE],
  ["async function", "await (async () => {}).constructor('return typeof process')()", NONE],
  ["generator", "(function* () {}).constructor('yield typeof require')().next().value", NONE],
  ["async generator", "(await (async function* () {}).constructor('yield typeof require')().next()).value", NONE],
  ["eval", "eval('typeof process')", NONE],
  ["indirect eval", "(0, eval)('typeof globalThis.process')", NONE],
  ["console's function", "console.log.constructor('return typeof process')()", NONE],
  ["input's constructor", "input.constructor.constructor('return typeof process')()", NONE],
  ["input's prototype", "input.__proto__.constructor.constructor('return typeof process')()", NONE],
  ["caller", "(function f() { return typeof f.caller?.constructor?.('return process')?.() })()", "anything"],
  ["arguments.callee.caller", "(function () { return String(arguments.callee.caller) })()", "anything"],
  [
    "an error of the interpreter",
    "try { (function f() { f() })() } catch (e) { return e.constructor.constructor('return typeof process')() }",
    NONE,
  ],
  [
    "an error for want of memory",
    "try { const a = []; while (true) a.push('x'.repeat(1e6) + a.length) } catch (e) { return typeof e?.constructor?.constructor?.('return this')?.()?.process }",
    "anything",
  ],
  [
    "prepareStackTrace",
    "Error.prepareStackTrace = (e, frames) => frames[0].getThis().constructor.constructor('return process')(); return typeof new Error('x').stack",
    "anything",
  ],
  ["stackTraceLimit", "Error.stackTraceLimit = Infinity; return typeof new Error().stack", { value: "string" }],
  ["import fs", "await import('node:fs')", FAILED],
  ["import a package", "await import('quickjs-emscripten-core')", FAILED],
  ["import data", "await import('data:text/javascript,export default 1')", FAILED],
  ["import a file", "await import('/etc/passwd')", FAILED],
  ["import.meta", "import.meta.url", FAILED],
  ["require", "require('child_process').execSync('id').toString()", FAILED],
  ["process.binding", "process.binding('spawn_sync')", FAILED],
  ["closing its own function", "1) }); globalThis.process; (async () => { (1", "anything"],
  ["Symbol.for of the host", "Reflect.ownKeys(globalThis).filter((key) => typeof key === 'symbol').length", "anything"],
  ["host's inspect hook", "({ [Symbol.for('nodejs.util.inspect.custom')]: () => 1 })", { value: {} }],
  ["the host's canary", `typeof globalThis.PAWL_CANARY`, NONE],
  ["the zone", "new Date(0).getTimezoneOffset()", { value: 0 }],
];

const TRICKS: readonly CodeCase[] = [
  ["thenable result", "({ then(resolve) { resolve(7) } })", { value: 7 }],
  ["thenable that throws", "({ then() { throw new Error('x') } })", FAILED],
  ["toJSON", "({ toJSON() { return 1 } })", BAD],
  ["own __proto__ by JSON", `JSON.parse('{"__proto__":{"polluted":1}}')`, BAD],
  ["own __proto__ by a computed name", "({ ['__proto__']: { polluted: 1 } })", BAD],
  ["literal __proto__", "({ __proto__: { polluted: 1 } })", BAD],
  ["constructor key", "({ constructor: { prototype: { polluted: 1 } } })", BAD],
  ["prototype key", "({ prototype: 1 })", BAD],
  [
    "polluted prototypes",
    "Object.prototype.polluted = 1; Array.prototype.polluted = 1; return { a: [1] }",
    { value: { a: [1] } },
  ],
  [
    "setter on Object.prototype",
    "Object.defineProperty(Object.prototype, 'value', { set() { throw 1 }, get() { return 'forged' } }); return 1",
    "anything",
  ],
  [
    "built-ins replaced",
    "JSON.stringify = Object.keys = Array.isArray = Reflect.get = String = Promise.prototype.then = () => { throw 1 }; return { a: [1] }",
    { value: { a: [1] } },
  ],
  [
    "reply forged by then",
    `Promise.prototype.then = function (f) { f('{"tag":"done","value":"forged","log":[]}') }; return await 1`,
    "anything",
  ],
  ["getter that throws", "({ get a() { throw new Error('mine') } })", FAILED],
  ["getter that loops", "({ get a() { while (true); } })", LATE],
  ["getter that grows", "({ get a() { return { __proto__: null, b: Array(1e9).fill(1) } } })", LARGE],
  ["proxy that throws on keys", "new Proxy({}, { ownKeys() { throw 1 } })", FAILED],
  ["proxy that throws on get", "new Proxy({ a: 1 }, { get() { throw 1 } })", FAILED],
  ["proxy that throws on its prototype", "new Proxy({}, { getPrototypeOf() { throw 1 } })", FAILED],
  [
    "proxy without end",
    "const h = { get: () => new Proxy({}, h), ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }), has: () => true }; return { a: new Proxy({}, h) }",
    BOUNDED,
  ],
  ["list without end", "new Proxy([], { get: (list, key) => (key === 'length' ? Infinity : 1) })", BOUNDED],
  ["revoked proxy", "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return { proxy }", FAILED],
  ["thrown proxy", "throw new Proxy(new Error('x'), { get() { throw 1 }, getPrototypeOf() { throw 1 } })", FAILED],
  ["thrown getter that loops", "throw { get message() { while (true); }, toString() { while (true); } }", LATE],
  ["thrown function", "throw function () {}", FAILED],
  ["thrown symbol", "throw Symbol('x')", FAILED],
  ["thrown null", "throw null", FAILED],
  [
    "error with a hostile name",
    "const e = new Error('x'); Object.defineProperty(e, 'name', { get() { throw e } }); throw e",
    FAILED,
  ],
];

const RESULTS: readonly CodeCase[] = [
  ["cycle", "const a = {}; a.a = a; return a", BAD],
  ["cycle of lists", "const a = []; a.push(a); return a", BAD],
  ["BigInt", "10n", BAD],
  ["function", "() => 1", BAD],
  ["class", "class A {} return A", BAD],
  ["instance", "class A { a = 1 } return new A()", BAD],
  ["symbol", "Symbol('x')", BAD],
  ["NaN", "[NaN]", BAD],
  ["number that is not exact", "2 ** 53", BAD],
  ["hole", "[, 1]", BAD],
  ["sparse list", "const a = []; a.length = 4e9; return a", BAD],
  ["Date", "new Date()", BAD],
  ["Map", "new Map([[1, 2]])", BAD],
  ["bytes", "new Uint8Array(4)", BAD],
  ["promise inside", "({ a: Promise.resolve(1) })", BAD],
  ["lone surrogate", "'\\ud800'", "anything"],
  ["long text", "'x'.repeat(2e6)", BAD],
  ["many entries", "Array(1e6).fill(1)", BOUNDED],
  ["deep lists", "let a = []; for (let i = 0; i < 1e4; i += 1) a = [a]; return a", BAD],
  ["terminal sequences in an error", "throw new Error('\\u001b[2J\\u001b]0;x\\u0007')", FAILED],
];

const BOMBS: readonly CodeCase[] = [
  ["while", "while (true);", LATE],
  ["for, catching", "for (;;) { try { for (;;); } catch {} }", LATE],
  ["finally", "try { while (true); } finally { while (true); }", LATE],
  ["generator", "const g = (function* () { while (true) yield 1 })(); for (const x of g); return 1", LATE],
  ["sort", "[3, 1, 2].sort(() => { while (true); })", LATE],
  ["valueOf", "+{ valueOf() { while (true); } }", LATE],
  ["await in a loop", "while (true) await 0", LATE],
  ["promise flood", "(function f() { Promise.resolve().then(f) })(); await new Promise(() => {})", LATE],
  [
    "promise tree",
    "(function f() { Promise.resolve().then(f); Promise.resolve().then(f) })(); await new Promise(() => {})",
    BOUNDED,
  ],
  ["promise flood behind the result", "(function f() { Promise.resolve().then(f) })(); return 1", { value: 1 }],
  ["promise that never settles", "await new Promise(() => {})", FAILED],
  ["rejection that nobody handles", "Promise.reject(new Error('x')); return 1", { value: 1 }],
  ["regular expression (a+)+", "/^(a+)+$/.test('a'.repeat(50) + 'b')", LATE],
  ["regular expression (a|a)*", "/^(a|a)*$/.test('a'.repeat(50) + 'b')", LATE],
  ["regular expression with back reference", "/^(a*)*\\1$/.test('a'.repeat(60) + 'b')", BOUNDED],
  ["regular expression, deep", "new RegExp('('.repeat(1e5) + ')'.repeat(1e5))", BOUNDED],
  ["search of one long text in another", "'a'.repeat(2e7).indexOf('a'.repeat(1e7) + 'b')", LATE],
  ["power of BigInt", "let x = 3n; while (true) x *= x", BOUNDED],
  ["BigInt to text", "(7n ** 3000000n).toString().length", BOUNDED],
  ["lists", "const a = []; while (true) a.push(new Array(1e5).fill(1))", LARGE],
  ["objects", "let a = {}; while (true) a = { a, b: {} }", LARGE],
  ["bytes", "const a = []; while (true) a.push(new Uint8Array(1e6))", LARGE],
  ["one buffer", "new ArrayBuffer(2e9).byteLength", BOUNDED],
  ["shared buffer", "new SharedArrayBuffer(1e9).byteLength", BOUNDED],
  ["text that doubles", "let a = 'x'; while (true) a += a", LARGE],
  ["text that is repeated", "const a = []; while (true) a.push('x'.repeat(1e7) + a.length)", LARGE],
  ["padding", "'x'.padEnd(2 ** 29).length", BOUNDED],
  ["join", "Array(2 ** 27).join('xxxxxxxx').length", BOUNDED],
  ["fill", "Array(1e9).fill(0).length", LARGE],
  ["map of maps", "const m = new Map(); for (let i = 0; ; i += 1) m.set(i, new Map([[i, i]]))", BOUNDED],
  ["closures", "let f = () => 1; while (true) { const g = f; f = () => g }", LARGE],
  ["memory, catching", "const a = []; for (;;) { try { a.push(new Array(1e5).fill(a)) } catch {} }", BOUNDED],
  ["recursion", "(function f() { return 1 + f() })()", FAILED],
  ["recursion, catching", "(function f() { try { f() } catch { f() } })(); return 1", BOUNDED],
  ["recursion by getters", "const o = { get a() { return this.a } }; return o.a", FAILED],
  ["recursion by toString", "const a = []; a[0] = { toString: () => String(a) }; return String(a)", "anything"],
  ["recursion by proxies", "let p = {}; for (let i = 0; i < 1e5; i += 1) p = new Proxy(p, {}); return p.a", BOUNDED],
  ["JSON, deep", "JSON.parse('['.repeat(1e6))", FAILED],
  ["source, deep", "eval('('.repeat(1e5) + ')'.repeat(1e5))", FAILED],
  ["source, long", "eval('1+'.repeat(2e6) + '1')", "anything"],
  ["flat, deep", "let a = []; for (let i = 0; i < 1e5; i += 1) a = [a]; return a.flat(Infinity).length", BOUNDED],
  ["logs without end", "while (true) console.log('x'.repeat(1000))", LATE],
  ["one long log", "console.log('x'.repeat(1e6)); return 1", { value: 1 }],
  [
    "log of a hostile value",
    "console.log(new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 1 } })); return 1",
    { value: 1 },
  ],
  ["log of a value that loops", "console.log({ get a() { while (true); } }); return 1", LATE],
];

/** The host, as a command would like to reach it. */
interface Host {
  readonly folder: string;
  readonly outside: string;
  readonly port: number;
  readonly victim: number;
}

interface ShellReply {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly stopped: string | null;
}

/** What is wrong with a reply; undefined: nothing. */
type ShellCheck = (reply: ShellReply, host: Host) => string | undefined;
type ShellCase = readonly [name: string, script: (host: Host) => string, check: ShellCheck];

const fails: ShellCheck = ({ exitCode }) => (exitCode === 0 ? "it ended well" : undefined);
const ends: ShellCheck = ({ stopped }) => (stopped === null ? undefined : `it was stopped by ${stopped}`);
const says =
  (pattern: RegExp): ShellCheck =>
  ({ stdout }) =>
    pattern.test(stdout) ? undefined : `it said ${JSON.stringify(stdout.slice(0, 200))}`;
const stoppedBy =
  (...limits: readonly (string | null)[]): ShellCheck =>
  ({ stopped }) =>
    limits.includes(stopped) ? undefined : `it was stopped by ${stopped}`;
/** The kernel bounds the number of processes of everybody but root; then forks fail. Root's are counted. */
const crowded = process.getuid?.() === 0 ? stoppedBy("processes") : stoppedBy("processes", "time", null);
const perl = (code: string): string => `perl -e '${code}'`;
const connect = (address: string, port: number): string => `bash -c 'exec 3<>/dev/tcp/${address}/${port} && cat <&3'`;

const READS: readonly ShellCase[] = [
  ["/etc/shadow", () => "cat /etc/shadow", fails],
  ["/etc/passwd", () => "cat /etc/passwd", fails],
  ["a home", () => "ls /root /home", fails],
  ["a file of the host", ({ outside }) => `cat ${outside}/canary`, fails],
  ["up and out", ({ outside }) => `cat ../${outside}/canary ../../${outside}/canary`, fails],
  ["root of process 1", ({ outside }) => `cat /proc/1/root${outside}/canary`, fails],
  ["root of itself", ({ outside }) => `cat /proc/self/root${outside}/canary`, fails],
  ["folder of process 1", () => "cat /proc/1/cwd/canary; ls /proc/1/cwd/ | grep -v '^work$' | grep canary", fails],
  ["descriptors of process 1", () => "cat /proc/1/fd/* < /dev/null & sleep 0.2; kill $!; true", ends],
  ["descriptors that were left open", () => "ls /proc/self/fd | wc -l", says(/^4\n$/u)],
  ["link out of the folder", () => "cat link-file; cat link-folder/canary", fails],
  ["link made inside", ({ outside }) => `ln -s ${outside} mine; cat mine/canary`, fails],
  ["hard link out of the folder", () => "ln /usr/bin/env hard", fails],
  ["environment", () => "env; cat /proc/*/environ", says(/^(?:(?:PATH|HOME|LANG|PWD|OLDPWD|SHLVL|_)=.*\n)+/u)],
  ["environment of the sandbox's own process", () => "tr '\\0' '\\n' < /proc/1/environ", says(/^$/u)],
  ["processes of the host", ({ victim }) => `ls -d /proc/${victim}`, fails],
  ["memory of the kernel", () => "head -c1 /dev/kmem || head -c1 /dev/mem || head -c1 /proc/kcore | grep -q .", fails],
  ["log of the kernel", () => "dmesg || head -c1 /dev/kmsg", fails],
  ["keys of the kernel", () => "cat /proc/keys", says(/^$/u)],
  ["disks", () => "ls /dev/sd* /dev/vd* /dev/nvme* /dev/loop*", fails],
  ["/sys", () => "ls /sys/class", fails],
  ["sockets of the host", ({ port }) => `grep -i :${port.toString(16).padStart(4, "0")} /proc/net/tcp`, fails],
];

const WRITES: readonly ShellCase[] = [
  ["/usr", () => "echo > /usr/bin/pawl-escape", fails],
  ["/etc", () => "echo > /etc/pawl-escape", fails],
  ["/", () => "echo > /pawl-escape", fails],
  ["/dev", () => "echo > /dev/pawl-escape", fails],
  ["a file of the host", ({ outside }) => `echo bad > ${outside}/canary`, fails],
  ["through a link", () => "echo bad > link-file || echo bad > link-folder/new", fails],
  ["through process 1", ({ outside }) => `echo bad > /proc/1/root${outside}/new`, fails],
  ["core_pattern", () => "echo '|/bin/false' > /proc/sys/kernel/core_pattern", fails],
  ["a harmless setting of the kernel", () => "echo 7 > /proc/sys/kernel/printk", fails],
  ["sysrq", () => "echo h > /proc/sysrq-trigger", fails],
  ["remount", () => "mount -o remount,rw /usr || mount -o remount,rw,bind /", fails],
  ["mount", () => "mount -t tmpfs none /tmp || mount --bind / /tmp", fails],
  ["unmount", () => "umount /work || umount -l /proc", fails],
  ["mount in namespaces of its own", () => "unshare -Urm mount -t tmpfs none /tmp || unshare -U true", fails],
  ["enter other namespaces", ({ victim }) => `nsenter -t ${victim} -a true || nsenter -t 1 -m true`, fails],
  ["chroot", () => "chroot / true || pivot_root . .", fails],
  ["device of its own", () => "mknod disk b 8 0 || mknod mem c 1 1", fails],
  ["give a file away", () => "echo > mine && chown 12345 mine", fails],
  [
    "setuid",
    () => "cp /usr/bin/id . && chmod 6755 id && ./id && perl -e '$> = 12345; exit($> == 12345 ? 0 : 1)'",
    fails,
  ],
  ["capabilities", () => "grep -E '^Cap(Eff|Prm|Bnd|Amb)' /proc/self/status | grep -v 0000000000000000", fails],
  ["new privileges", () => "grep -q 'NoNewPrivs:.1' /proc/self/status && echo none", says(/^none\n$/u)],
  ["name of the host", () => "hostname pawl-escape", fails],
  ["clock", () => "date -s '2001-01-01'", fails],
  ["priority", () => "nice -n -20 true 2>&1 | grep -q denied || exit 1; echo refused", says(/^refused\n$/u)],
  ["modules", () => "modprobe dummy || insmod /dev/null", fails],
  ["control groups", () => "mkdir /sys/fs/cgroup/x || echo > /proc/self/cgroup", fails],
  ["raise its own bounds", () => "ulimit -f unlimited || ulimit -d unlimited", fails],
];

const ACTS: readonly ShellCase[] = [
  ["kill a process of the host", ({ victim }) => `kill -9 ${victim}`, fails],
  ["kill its parent", () => "kill -9 $PPID; sleep 0.1; true", ends],
  ["kill everything", () => "kill -9 -1", ends],
  ["kill process 1", () => "kill -9 1; kill -15 1; true", ends],
  ["trace a process of the host", ({ victim }) => perl(`exit(syscall(101, 16, ${victim}, 0, 0) == 0 ? 0 : 1)`), fails],
  ["read another process's memory", ({ victim }) => `head -c1 /proc/${victim}/mem`, fails],
  [
    "type into the terminal",
    () => perl('open(my $t, "+<", "/dev/tty") or exit 1; ioctl($t, 0x5412, "x") or exit 2; exit 0'),
    fails,
  ],
  ["own terminal", () => "tty", fails],
  ["canary by loopback", ({ port }) => connect("127.0.0.1", port), fails],
  ["canary by IPv6", ({ port }) => connect("::1", port), fails],
  ["canary by 0.0.0.0", ({ port }) => connect("0.0.0.0", port), fails],
  ["canary by name", ({ port }) => connect("localhost", port), fails],
  [
    "canary by an abstract socket",
    () =>
      perl(
        `use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); exit(connect($s, pack("Sa*", AF_UNIX, "\\0${CANARY}")) ? 0 : 1)`,
      ),
    fails,
  ],
  [
    "canary by a socket file",
    ({ outside }) =>
      perl(
        `use Socket; socket(my $s, AF_UNIX, SOCK_STREAM, 0); exit(connect($s, pack_sockaddr_un("${outside}/socket")) ? 0 : 1)`,
      ),
    fails,
  ],
  ["network outside", () => connect("192.0.2.1", 80), fails],
  [
    "datagrams outside",
    () =>
      perl(
        'use Socket; socket(my $s, AF_INET, SOCK_DGRAM, 0); exit(send($s, "x", 0, pack_sockaddr_in(53, inet_aton("192.0.2.1"))) ? 0 : 1)',
      ),
    fails,
  ],
  ["raw sockets", () => perl("use Socket; exit(socket(my $s, AF_INET, SOCK_RAW, 1) ? 0 : 1)"), fails],
  ["devices of the network", () => "grep -c : /proc/net/dev", says(/^1\n$/u)],
  [
    "outlive, in the background",
    () => "(while :; do echo >> beats; sleep 0.02; done) > /dev/null 2>&1 & sleep 0.1",
    ends,
  ],
  [
    "outlive, in a session",
    () => "setsid nohup sh -c 'while :; do echo >> beats; sleep 0.02; done' > /dev/null 2>&1 & sleep 0.1",
    ends,
  ],
  [
    "outlive, as a daemon",
    () =>
      perl(
        'exit 0 if fork; use POSIX; POSIX::setsid(); exit 0 if fork; open(STDOUT, ">", "/dev/null"); while (1) { open(my $f, ">>", "beats"); print $f "\\n"; close $f; select(undef, undef, undef, 0.02) }',
      ) + "; sleep 0.1",
    ends,
  ],
  [
    "outlive, deaf to signals",
    () => "trap '' TERM INT HUP; while :; do echo >> beats; sleep 0.02; done",
    stoppedBy("time"),
  ],
];

const FLOODS: readonly ShellCase[] = [
  ["fork bomb", () => "f() { f | f & }; f; sleep 100", crowded],
  ["fork bomb, by exec", () => "echo 'sh bomb & sh bomb &' > bomb; sh bomb; sleep 100", crowded],
  ["children that wait", () => "while :; do sleep 100 & done", crowded],
  ["busy", () => "while :; do :; done", stoppedBy("time")],
  ["busy, all cores", () => "for i in 1 2 3 4; do (while :; do :; done) & done; wait", stoppedBy("time")],
  ["memory of one", () => "head -c 2000000000 /dev/zero | tail -c 1999999999", stoppedBy("memory", null)],
  [
    "memory of many",
    () => "for i in 1 2 3 4 5 6 7 8; do (head -c 100000000 /dev/zero | tail -c 99999999 | sleep 100) & done; wait",
    stoppedBy("memory", null),
  ],
  [
    "memory, shared",
    () => "i=0; while :; do i=$((i+1)); head -c 50000000 /dev/zero > /dev/shm/$i || exit 3; done",
    fails,
  ],
  ["/tmp", () => "i=0; while :; do i=$((i+1)); head -c 50000000 /dev/zero > /tmp/$i || exit 3; done", fails],
  ["one file", () => "head -c 2000000000 /dev/zero > big", fails],
  ["one file, with holes", () => "truncate -s 100G big", fails],
  [
    "many files",
    () => "i=0; while :; do i=$((i+1)); head -c 20000000 /dev/zero > big$i; done",
    stoppedBy("disk", "time"),
  ],
  ["output", () => "yes", stoppedBy("output")],
  ["output in one line", () => "cat /dev/zero", stoppedBy("output")],
  ["errors", () => "yes >&2", stoppedBy("time")],
  ["output that is no text", () => "head -c 1000 /dev/urandom", ends],
  ["input that is not read", () => "exec < /dev/null; sleep 0.1", ends],
  ["core file", () => "sleep 100 & kill -SEGV $!; wait; ls core* 2>/dev/null", fails],
];

interface Tally {
  code: number;
  shell: number;
  skipped: number;
  readonly failures: string[];
  readonly escapes: string[];
}

const CODE_TIME_MS = 500;
const LANES = 2;
/** A case that takes longer has found something that no limit reaches. */
const PATIENCE_MS = 10_000;

function runOf({ definition }: AnyAction): (input: Json, signal: AbortSignal) => Promise<unknown> {
  if (definition.tag !== "effect") throw new Error("expected an effect");
  const attempt = { key: "k", token: 1, run: "run-1", node: "node-1", attempt: 1 };
  return async (input, signal) => await definition.run({ ...QUIET, ...attempt, input, signal });
}

async function tryCode(cases: readonly CodeCase[], tally: Tally): Promise<number> {
  const run = runOf(codeTool({ timeoutMs: CODE_TIME_MS, memoryBytes: 33_554_432, maxOutputBytes: 500_000 }));
  const left = [...cases];
  let slowest = 0;
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [name, code, verdict] = next;
      const begun = performance.now();
      const reply = await run({ code, input: { a: [1] } }, AbortSignal.timeout(PATIENCE_MS)).catch(
        (error: unknown) => error,
      );
      if (RuntimeFailure.is(reply) && reply.code === "CODE_TIMEOUT")
        slowest = Math.max(slowest, performance.now() - begun);
      const seen = RuntimeFailure.is(reply) ? `${reply.code} ${reply.message}` : JSON.stringify(reply);
      tally.code += 1;
      if (seen === undefined || seen.includes(CANARY) || isEscaped(reply)) tally.escapes.push(`code, ${name}: ${seen}`);
      if (!fits(reply, verdict)) tally.failures.push(`code, ${name}: ${seen?.slice(0, 300) ?? String(reply)}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return slowest / CODE_TIME_MS;
}

/** A host object is known by its type; a text of it by how Node writes it. */
function isEscaped(reply: unknown): boolean {
  if (RuntimeFailure.is(reply)) return false;
  const value: unknown = isReply(reply) ? reply.value : reply;
  return (
    value === "object" || value === "function" || /\[object process\]|node:internal/u.test(JSON.stringify(value) ?? "")
  );
}

const isReply = (reply: unknown): reply is { readonly value: Json } =>
  typeof reply === "object" && reply !== null && "value" in reply;

function fits(reply: unknown, verdict: CodeVerdict): boolean {
  if (RuntimeFailure.is(reply))
    return verdict === "anything" || ("codes" in verdict && verdict.codes.includes(reply.code));
  if (!isReply(reply)) return false;
  return verdict === "anything" || ("value" in verdict && isDeepStrictEqual(reply.value, verdict.value));
}

const isShellReply = (reply: unknown): reply is ShellReply =>
  typeof reply === "object" && reply !== null && "stopped" in reply && "stdout" in reply;

const LIMITS = {
  timeoutMs: 1_500,
  outputBytes: 100_000,
  memoryBytes: 200_000_000,
  processes: 48,
  fileBytes: 60_000_000,
  diskBytes: 300_000_000,
};

async function tryShell(cases: readonly ShellCase[], host: Host, tally: Tally): Promise<void> {
  const run = runOf(shellTool({ dir: host.folder, limits: LIMITS }));
  for (const [name, toScript, check] of cases) {
    const reply = await run({ script: toScript(host) }, AbortSignal.timeout(PATIENCE_MS)).catch(
      (error: unknown) => error,
    );
    tally.shell += 1;
    const wrong = isShellReply(reply) ? check(reply, host) : `it gave ${String(reply)}`;
    if (wrong !== undefined)
      tally.failures.push(`shell, ${name}: ${wrong} ${isShellReply(reply) ? reply.stderr.slice(0, 200) : ""}`);
    if (isShellReply(reply) && (reply.stdout + reply.stderr).includes(CANARY))
      tally.escapes.push(`shell, ${name}: it read a canary`);
    for (const escape of await findEscapes(host)) tally.escapes.push(`shell, ${name}: ${escape}`);
    for (const file of await readdir(host.folder)) {
      if (!file.startsWith("link-")) await rm(join(host.folder, file), { recursive: true, force: true });
    }
  }
}

/** What happened to the host. */
async function findEscapes({ folder, outside, victim }: Host): Promise<readonly string[]> {
  const escapes: string[] = [];
  const beats = await sizeOf(join(folder, "beats"));
  if (beats > 0) {
    await sleep(100);
    if ((await sizeOf(join(folder, "beats"))) !== beats) escapes.push("something outlived it");
  }
  if ((await readFile(join(outside, "canary"), "utf8")) !== CANARY) escapes.push("it changed a file outside");
  if ((await readdir(outside)).sort().join() !== "canary,socket") escapes.push("it made a file outside");
  if (!isAlive(victim)) escapes.push("it killed a process of the host");
  if (visits > 0) escapes.push("it reached a canary of the network");
  visits = 0;
  return escapes;
}

const sizeOf = async (file: string): Promise<number> => (await readFile(file).catch(() => "")).length;

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /u.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

let visits = 0;

async function listen(...where: readonly [string] | readonly [number, string]): Promise<Server> {
  const server = createServer((socket) => {
    visits += 1;
    socket.on("error", () => undefined).end(CANARY);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (where.length === 1) server.listen(where[0], resolve);
    else server.listen(where[0], where[1], resolve);
  });
  return server;
}

async function withHost(work: (host: Host) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "pawl-corpus-"));
  const [folder, outside] = [join(root, "folder"), join(root, "outside")];
  await Promise.all([mkdir(folder), mkdir(outside)]);
  await writeFile(join(outside, "canary"), CANARY);
  await chmod(outside, 0o777);
  await symlink(join(outside, "canary"), join(folder, "link-file"));
  await symlink(outside, join(folder, "link-folder"));
  const servers = [await listen(0, "127.0.0.1"), await listen(`\0${CANARY}`), await listen(join(outside, "socket"))];
  const address = servers[0]?.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const victim = spawn("sleep", ["1000"], { stdio: "ignore" });
  try {
    await work({ folder, outside, port, victim: victim.pid ?? 0 });
  } finally {
    victim.kill("SIGKILL");
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    await rm(root, { recursive: true, force: true });
  }
}

/** Beats until it is stopped; tells how often, and the longest time between two beats. */
function beat(): () => { readonly beats: number; readonly longestMs: number } {
  let [beats, longestMs, last] = [0, 0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    [beats, longestMs, last] = [beats + 1, Math.max(longestMs, now - last), now];
  }, 10);
  return () => {
    clearInterval(timer);
    return { beats, longestMs };
  };
}

const held = (): { readonly threads: number; readonly descriptors: number; readonly bytes: number } => ({
  threads: readdirSync("/proc/self/task").length,
  descriptors: readdirSync("/proc/self/fd").length,
  bytes: process.memoryUsage.rss(),
});

const MOST_GAP_MS = 5_000;
const MOST_GROWTH_BYTES = 300 * 1_048_576;

if (import.meta.main) {
  const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
  const only = <T extends CodeCase | ShellCase>(cases: readonly T[]): readonly T[] =>
    cases.filter(([name]) => name.includes(values.only));
  Object.assign(globalThis, { PAWL_CANARY: CANARY });
  process.env["PAWL_CANARY"] = CANARY;
  const tally: Tally = { code: 0, shell: 0, skipped: 0, failures: [], escapes: [] };
  const codeCases = only([...REACHES, ...TRICKS, ...RESULTS, ...BOMBS]);
  const shellCases = only([...READS, ...WRITES, ...ACTS, ...FLOODS]);
  const probe = ["--unshare-all", "--unshare-user", "--disable-userns", "--ro-bind", "/", "/", "true"];
  const hasSandbox = spawnSync("bwrap", probe).status === 0;

  await Promise.all(Array.from({ length: 64 }, async () => await readdir("/proc")));
  await tryCode(codeCases.slice(0, LANES), tally); // so that what is loaded once does not count as growth
  tally.code = 0;
  const before = held();
  const stopBeating = beat();
  const slowest = await tryCode(codeCases, tally);
  if (hasSandbox) await withHost(async (host) => await tryShell(shellCases, host, tally));
  else tally.skipped = shellCases.length;
  const { beats, longestMs } = stopBeating();
  await sleep(200);
  const after = held();
  const growth = after.bytes - before.bytes;

  if (Reflect.has({}, "polluted")) tally.escapes.push("a prototype of the host was polluted");
  if (longestMs > MOST_GAP_MS) tally.failures.push(`the host stood still for ${Math.round(longestMs)} ms`);
  if (growth > MOST_GROWTH_BYTES) tally.failures.push(`the host grew by ${growth} bytes`);
  if (after.threads > before.threads + 1) tally.failures.push(`${after.threads - before.threads} threads are left`);
  if (after.descriptors > before.descriptors + 2)
    tally.failures.push(`${after.descriptors - before.descriptors} descriptors are left`);
  for (const line of [...tally.escapes.map((escape) => `ESCAPE ${escape}`), ...tally.failures]) console.log(line);
  const heart = `${beats} beats, longest pause ${Math.round(longestMs)} ms, ${Math.round(growth / 1_048_576)} MiB more`;
  const isHeld = tally.failures.length + tally.escapes.length === 0;
  console.log(
    `RESULT ${isHeld ? "ok" : "fail"}: ${tally.code} of code, ${tally.shell} of shell, ${tally.skipped} skipped, ${tally.failures.length} failed, ` +
      `${tally.escapes.length} escapes; host alive: ${heart}; slowest time limit ${slowest.toFixed(2)} times its time`,
  );
  if (!isHeld) process.exitCode = 1;
}
