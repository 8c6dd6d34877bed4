/*
 * Runs its arguments with Node 24 or newer: `node tools/node/run.cjs FILE ARG...`.
 *
 * Old syntax and no dependency, because an old Node must be able to read this file. The rules:
 * 1. A Node that is new enough is used as it is; otherwise the platform package of this workspace is.
 * 2. The chosen Node's folder comes first in PATH, so that children which call `node` get the same one.
 * 3. Whoever sends a signal to this process reaches the child exactly once. A terminal signals the whole
 *    foreground group, so the child has it already and it isn't passed on.
 * 4. This process ends as the child ended: same exit code, or same signal.
 */
"use strict";

var childProcess = require("child_process");
var fs = require("fs");
var path = require("path");

var NEEDED_MAJOR = 24;
var EXIT_CANNOT_RUN = 2;
var FROM_KEYBOARD = ["SIGINT", "SIGQUIT"];
var FROM_TERMINAL = FROM_KEYBOARD.concat("SIGHUP");

function isNewEnough(version) {
  return Number(version.split(".")[0]) >= NEEDED_MAJOR;
}

/** Gives the path of a Node that is new enough, or undefined if there is none here. */
function findNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  var platform = process.platform === "win32" ? "win" : process.platform;
  var name = "node-" + platform + "-" + process.arch;
  var binary = process.platform === "win32" ? "bin/node.exe" : "bin/node";
  for (var folder = __dirname; ; folder = path.dirname(folder)) {
    var candidate = path.join(folder, "node_modules", name, binary);
    if (fs.existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) return undefined;
  }
}

function explainMissingNode() {
  var hasPackage = process.platform === "linux" || (process.platform === "win32" && process.arch === "x64");
  return (
    "Pawl needs Node " +
    NEEDED_MAJOR +
    " or newer; this is Node " +
    process.versions.node +
    " on " +
    process.platform +
    " " +
    process.arch +
    ".\n" +
    (hasPackage
      ? "Run `npm ci` in the repository (without --omit=optional), which brings one along,\n"
      : "The repository brings none along for this platform.\n") +
    "or install one yourself, for example from https://nodejs.org or with `nvm install " +
    NEEDED_MAJOR +
    "`, and try again.\n"
  );
}

function withNodeFirst(env, node) {
  var copy = {};
  var pathKey = "PATH";
  Object.keys(env).forEach(function (key) {
    copy[key] = env[key];
    if (key.toUpperCase() === "PATH") pathKey = key; // Windows calls it Path
  });
  var folder = path.dirname(node);
  var rest = copy[pathKey];
  copy[pathKey] = rest ? folder + path.delimiter + rest : folder;
  return copy;
}

/** Gives the signals that a terminal sends to this process and to its child alike. */
function findSharedSignals() {
  if (process.platform === "win32") return FROM_TERMINAL;
  try {
    // After the command name in parentheses: state, parent, group, session, terminal, the terminal's group.
    var fields = fs
      .readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /, "")
      .split(" ");
    if (fields[4] === "0" || fields[2] !== fields[5]) return [];
    // A hang-up goes to the session's leader only; a shell there tells its whole jobs.
    return fields[3] === String(process.pid) ? FROM_KEYBOARD : FROM_TERMINAL;
  } catch (error) {
    var tty = require("tty");
    return tty.isatty(0) || tty.isatty(1) || tty.isatty(2) ? FROM_TERMINAL : [];
  }
}

function passOn(child) {
  var shared = findSharedSignals(); // now, because at a hang-up the terminal is already gone
  ["SIGTERM"].concat(FROM_TERMINAL).forEach(function (signal) {
    process.on(signal, function () {
      if (shared.indexOf(signal) < 0) child.kill(signal);
    });
  });
}

function endAs(code, signal) {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Reached when that signal is ignored here; the shell's way of writing it is the next best.
  setTimeout(function () {
    process.exit(128 + require("os").constants.signals[signal]);
  }, 100);
}

/** Runs the arguments and ends this process as they end. */
function run(args) {
  var node = findNode();
  if (node === undefined) {
    process.stderr.write(explainMissingNode());
    process.exit(EXIT_CANNOT_RUN);
  }
  var env = withNodeFirst(process.env, node);
  if (typeof process.execve === "function" && process.platform !== "win32") {
    process.execve(node, [node].concat(args), env); // becomes the child: no second process, no signal to pass on
  }
  var child = childProcess.spawn(node, args, { stdio: "inherit", env: env });
  passOn(child);
  child.on("error", function (error) {
    process.stderr.write("Cannot run " + node + ": " + error.message + "\n" + explainMissingNode());
    process.exit(EXIT_CANNOT_RUN);
  });
  child.on("exit", endAs);
}

module.exports = { findNode: findNode, isNewEnough: isNewEnough, run: run };
if (require.main === module) run(process.argv.slice(2));
