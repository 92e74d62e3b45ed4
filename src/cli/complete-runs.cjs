"use strict";
/** Runs that Tab offers, by the digits of their keys that name their folders. */
const { existsSync, lstatSync, readFileSync, readdirSync } = require("node:fs");
const { dirname, join, resolve } = require("node:path");

const runName = /^[0-9a-f]{16}$/;
/** What is told of a run is read from its files: not of more runs than anybody reads. */
const maxDescribed = 100;
const maxRecordSize = 1 << 20;

/**
 * The runs whose names go on where a text ends.
 * @param which - `finished`; `stopped`, which have attempts alone; or `any`.
 */
function runs(typed, { folder, which }) {
  if (!/^[0-9a-f]{0,16}$/.test(typed)) return [];
  const finished = namesIn(folder);
  const tried = which === "finished" ? [] : namesIn(join(folder, ".attempts"));
  const published = new Set(finished);
  const stopped = tried.filter((name) => !published.has(name));
  const found = [...(which === "stopped" ? [] : finished), ...stopped].filter((name) =>
    name.startsWith(typed),
  );
  const describe = found.length > maxDescribed ? () => "" : (name) => description(folder, name);
  const inOrder = found.toSorted((one, other) => (one < other ? -1 : 1));
  return inOrder.map((name) => ({ word: `${name} `, what: describe(name) }));
}

/** The folder of the runs as `exp` finds it: the flag, the variable, else beside the nearest package.json. */
function runsFolder(words, workingDirectory) {
  const named = namedFolder(words) ?? process.env["LOCKSTEP_RUNS"];
  if (named !== undefined && named !== "") return resolve(workingDirectory, named);
  for (let at = resolve(workingDirectory); ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return join(at, "runs");
    if (at === dirname(at)) return resolve(workingDirectory, "runs");
  }
}

function namedFolder(words) {
  const index = words.findLastIndex((word) => /^--runs-dir(?:=|$)/.test(word));
  if (index === -1) return undefined;
  const [, ...value] = words[index].split("=");
  return value.length === 0 ? words[index + 1] : value.join("=");
}

function namesIn(folder) {
  try {
    return readdirSync(folder).filter((name) => runName.test(name));
  } catch {
    return [];
  }
}

/** The experiment of a run and when it was started. */
function description(folder, name) {
  const record = recordOf(folder, name) ?? {};
  const { experiment, startTime } = record;
  const parts = [experiment, typeof startTime === "string" ? shownTime(startTime) : undefined];
  const text = parts.filter((part) => typeof part === "string" && part !== "").join(", ");
  return text.replace(/[\p{C}\u2028\u2029]/gu, "?").slice(0, 80); // anybody may have written it
}

function shownTime(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return undefined;
  const two = (value) => String(value).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** The module of an experiment that a run came from, as it was started, where it is there. */
function experimentOf(folder, name, workingDirectory) {
  const [full] = runs(name, { folder, which: "any" });
  const argv = full === undefined ? undefined : recordOf(folder, full.word.trim())?.argv;
  if (!Array.isArray(argv)) return undefined;
  const file = argv.find((word) => typeof word === "string" && /\.[cm]?ts$/.test(word));
  return file !== undefined && existsSync(resolve(workingDirectory, file)) ? file : undefined;
}

/** `attempt.json` of a run, or of its last attempt. */
function recordOf(folder, name) {
  const published = readRecord(join(folder, name, "attempt.json"));
  if (published !== undefined) return published;
  const attempts = join(folder, ".attempts", name);
  try {
    const numbers = readdirSync(attempts).filter((number) => /^[1-9][0-9]{0,8}$/.test(number));
    const last = numbers.map(Number).toSorted((a, b) => b - a)[0];
    return last === undefined
      ? undefined
      : readRecord(join(attempts, String(last), "attempt.json"));
  } catch {
    return undefined;
  }
}

function readRecord(path) {
  try {
    const status = lstatSync(path); // links inside of a store are not followed
    if (!status.isFile() || status.size > maxRecordSize) return undefined;
    const record = JSON.parse(readFileSync(path, "utf8"));
    return typeof record === "object" && record !== null ? record : undefined;
  } catch {
    return undefined;
  }
}

module.exports = { experimentOf, runs, runsFolder };
