#!/usr/bin/env node
/*
 * The command line's front door: checks the Node version before anything modern is parsed.
 * Old syntax and no dependency, so that an old Node can say what is wrong instead of failing on a token.
 */
"use strict";

var fs = require("fs");
var path = require("path");
var url = require("url");

var NEEDED_MAJOR = 24;
var EXIT_BAD_INPUT = 2;

var ROOT = path.join(__dirname, "..");

/** Says whether anything in the folder changed after that time, in milliseconds since the epoch. */
function hasNewer(folder, timeMs) {
  return fs.readdirSync(folder, { withFileTypes: true }).some(function (entry) {
    var file = path.join(folder, entry.name);
    return entry.isDirectory() ? hasNewer(file, timeMs) : fs.statSync(file).mtimeMs > timeMs;
  });
}

/** Gives the built entry; in a checkout (a package has no src) the source, if it is newer or nothing was built. */
function findEntry() {
  var built = path.join(ROOT, "dist", "cli", "main.js");
  var source = path.join(ROOT, "src", "cli", "main.ts");
  if (!fs.existsSync(source)) return built;
  if (!fs.existsSync(built)) return source;
  return hasNewer(path.join(ROOT, "src"), fs.statSync(built).mtimeMs) ? source : built;
}

function startElsewhere() {
  var launcher = path.join(ROOT, "tools", "node", "run.cjs");
  if (!fs.existsSync(launcher)) return false;
  var node = require(launcher);
  if (node.findNode() === undefined) return false;
  node.run([__filename].concat(process.argv.slice(2)));
  return true;
}

if (Number(process.versions.node.split(".")[0]) >= NEEDED_MAJOR) {
  void import(url.pathToFileURL(findEntry()).href);
} else if (!startElsewhere()) {
  process.stderr.write(
    "pawl needs Node " +
      NEEDED_MAJOR +
      " or newer, but this is Node " +
      process.versions.node +
      ".\n" +
      "Install one, for example from https://nodejs.org or with `nvm install " +
      NEEDED_MAJOR +
      "`, and run the command again.\n",
  );
  process.exit(EXIT_BAD_INPUT);
}
