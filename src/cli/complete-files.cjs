"use strict";
/** Files and folders that Tab offers. */
const { closeSync, openSync, readSync, readdirSync } = require("node:fs");
const { homedir } = require("node:os");
const { join, resolve } = require("node:path");

/** Which files are offered beside folders: those that hold an experiment, a saved plan, both, any, or none. */
const offered = {
  module: isModule,
  plan: isPlan,
  experiment: (path) => isModule(path) || isPlan(path),
  any: () => true,
  folder: () => false,
};

/** What a typed path may go on with; a file ends in a space, a folder in a slash. */
function files(typed, workingDirectory, kind) {
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  const from = folder.startsWith("~/") ? join(homedir(), folder.slice(2)) : folder;
  const place = resolve(workingDirectory, from);
  let entries = [];
  try {
    entries = readdirSync(place, { withFileTypes: true });
  } catch {
    return [];
  }
  const named = entries.filter(({ name }) => {
    return `${folder}${name}`.startsWith(typed) && !name.startsWith(".") && name !== "node_modules";
  });
  return named.flatMap((entry) => {
    if (entry.isDirectory()) return [{ word: `${folder}${entry.name}/` }];
    const isOffered = offered[kind](join(place, entry.name));
    return isOffered ? [{ word: `${folder}${entry.name} ` }] : [];
  });
}

function isModule(path) {
  return /\.[cm]?ts$/.test(path) && !/\.d\.[cm]?ts$/.test(path);
}

/** Only the beginning is read: plans are large, and other JSON lies beside them. */
function isPlan(path) {
  if (!path.endsWith(".json")) return false;
  let file;
  try {
    file = openSync(path, "r");
    const start = Buffer.alloc(64);
    return start.toString("utf8", 0, readSync(file, start)).includes('"lockstep/plan/');
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

module.exports = { files };
