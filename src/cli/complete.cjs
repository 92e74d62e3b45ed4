"use strict";
/**
 * What the shell asks on Tab: `exp __complete bash LINE`, or `exp __complete zsh|fish WORD… WORD`, the last word being
 * the one under the cursor. Answers from a cache in plain JavaScript, since loading TypeScript would take longer than
 * a Tab may; a stale cache is made anew by `exp completion-cache` first. It never fails: no answer is an answer.
 */
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, readFileSync, statSync } = require("node:fs");
const { dirname, join, resolve } = require("node:path");
const { files } = require("./complete-files.cjs");
const { experimentOf, runs, runsFolder } = require("./complete-runs.cjs");
const { openQuote, shownWord, split } = require("./complete-words.cjs");

const format = "lockstep/completion/5";
/** Longer than any module should take, shorter than anybody's patience. */
const refreshTimeout = 20_000;

/** Prints one candidate a line: the text, a tab, and what it is. A text that ends in a space is complete. */
function main([shell, ...words], workingDirectory) {
  // What is typed comes from bash as a whole line, from fish as a word with its quotes, from zsh without them.
  const line = shell === "bash" ? split(words[0] ?? "") : [...words];
  if (shell === "fish") line.push(split(line.pop() ?? "").join(" "));
  const start = line.findIndex((word) => /(?:^|[\\/])exp(?:\.cjs)?$/.test(word));
  const found = complete(line.slice(Math.max(start, 0) + 1), workingDirectory);
  const quote = shell === "bash" ? openQuote(words[0] ?? "") : "";
  const text = found.map(({ word, what = "" }) => `${shownWord(word, shell, quote)}\t${what}\n`);
  process.stdout.write(text.join(""));
}

/** The candidates for the last of the words behind `exp`. */
function complete(words, workingDirectory) {
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const general = readCache(workingDirectory, undefined);
  if (general === undefined) return files(typed, workingDirectory, "module");
  const { commands } = general;
  const takesValue = flagBefore(before, commands);
  if (takesValue !== undefined) return flagValues(takesValue, typed, workingDirectory);
  const operands = before.filter((word, index) => {
    return !isFlag(word) && flagBefore(before.slice(0, index), commands) === undefined;
  });
  const named = commands.find(({ name }) => name === operands[0]);
  const command = named ?? commands.find(({ name }) => name === "run");
  const meant = isFlag(typed) ? flags(command, typed) : [];
  if (meant.length > 0) return meant;
  const rest = named === undefined ? operands : operands.slice(1);
  const first = named === undefined && rest.length === 0 ? commandNames(commands, typed) : [];
  return [
    ...first,
    ...operandsOf(command, {
      rest,
      typed,
      workingDirectory,
      commands,
      isNamed: named !== undefined,
      before,
    }),
  ];
}

function operandsOf(command, scope) {
  if (command.takesRun !== undefined) return runOperands(command, scope);
  const { rest, typed, workingDirectory, commands, isNamed } = scope;
  const { choices = [], name } = command;
  const isHelp = name === "help";
  const words = choices.includes(rest[0]) ? rest.slice(1) : rest;
  const topics = rest.length > 0 ? [] : choices.map((word) => ({ word: `${word} ` }));
  const first = startingWith(topics, typed);
  if (isHelp && rest.length === 0) {
    const paths = overrides([], { typed, workingDirectory, isBare: true });
    const modules = files(typed, workingDirectory, "module");
    return [...commandNames(commands, typed), ...modules, ...paths];
  }
  if (topics.length > 0 && !command.takesFileFirst) return first;
  if (!isHelp && words.length === 0) {
    const place =
      isNamed && command.takesPlan ? "experiment" : command.takesFolder ? "folder" : "module";
    const hasPlace = command.takesFile || command.takesFolder;
    return [...first, ...(hasPlace ? files(typed, workingDirectory, place) : [])];
  }
  if (!command.takesOverrides && !isHelp) return [];
  const [file, ...others] = words;
  if (file.endsWith(".json")) return []; // a plan is run as it is
  return overrides(others, { typed, workingDirectory, file, isBare: command.isBare });
}

/** A run, or several; then what may be set of the experiment that it came from. */
function runOperands({ takesRun, takesOverrides }, { rest, typed, workingDirectory, before }) {
  const { which, isRepeated, orFiles } = takesRun;
  const folder = runsFolder(before, workingDirectory);
  const words = rest.filter((word) => !word.startsWith("--"));
  if (words.length > 0 && !isRepeated) {
    if (!takesOverrides) return [];
    const [name, ...others] = words;
    const file = experimentOf(folder, name, workingDirectory);
    return overrides(others, { typed, workingDirectory, file });
  }
  const paths =
    orFiles === undefined || typed === "" ? [] : files(typed, workingDirectory, orFiles);
  return [...runs(typed, { folder, which }), ...paths];
}

function isFlag(word) {
  return word.startsWith("-") && !word.includes("=");
}

function commandNames(commands, typed) {
  const shown = commands.filter(({ summary }) => summary !== undefined);
  return startingWith(
    shown.map(({ name, summary }) => ({ word: `${name} `, what: summary })),
    typed,
  );
}

function flags({ flags }, typed) {
  return startingWith(
    flags.map(({ name, what }) => ({ word: `${name} `, what })),
    typed,
  );
}

/** The flag whose value is about to be typed. */
function flagBefore(words, commands) {
  const last = words.at(-1) ?? "";
  const all = commands.flatMap((command) => command.flags);
  return isFlag(last) ? all.find(({ name, takesValue }) => name === last && takesValue) : undefined;
}

function flagValues({ values = [], place }, typed, workingDirectory) {
  if (place !== undefined) return files(typed, workingDirectory, place);
  return startingWith(
    values.map((word) => ({ word: `${word} ` })),
    typed,
  );
}

function startingWith(candidates, typed) {
  return candidates.filter(({ word }) => word.startsWith(typed));
}

/** Paths with what may be set there, of an experiment's task or of the built-in one. */
function overrides(others, { typed, workingDirectory, file, isBare = false }) {
  const known = readCache(workingDirectory, file);
  if (known === undefined) return [];
  const [sign] = /^(?:\+\+?|~|--)?/.exec(typed) ?? [""];
  const word = typed.slice(sign.length);
  const equals = word.indexOf("=");
  const scope = { known, kinds: kindsOn(others, known) };
  const found =
    equals === -1
      ? paths(word, scope, isBare)
      : values(word, equals, { ...scope, workingDirectory });
  return found.map((candidate) => ({ ...candidate, word: `${sign}${candidate.word}` }));
}

/** Which kinds are chosen: those of the experiment, then those of the words before. */
function kindsOn(words, known) {
  const kinds = { ...known.kinds };
  for (const word of words) {
    const [key, value] = word.split("=");
    if (value === undefined) continue;
    for (const path of Object.keys(kinds)) {
      if (path === key) kinds[path] = value;
      else if (path === `${key}.kind`) delete kinds[path]; // a preset may choose any
    }
  }
  return kinds;
}

function isThere({ only }, { kinds }) {
  const kind = only === undefined ? undefined : kinds[only.path];
  return kind === undefined || only.kinds.includes(kind);
}

/** One step of a path at a time: `optimizer.` first, then what is in it. */
function paths(word, { known, kinds }, isBare) {
  const { fields, groups, aliases } = known;
  const base = word.slice(0, word.lastIndexOf(".") + 1);
  const candidates = new Map();
  const add = (text, what) => candidates.has(text) || candidates.set(text, what);
  for (const field of fields) {
    if (!field.path.startsWith(word) || !isThere(field, { kinds })) continue;
    const rest = field.path.slice(base.length);
    const dot = rest.indexOf(".");
    if (dot !== -1) add(`${base}${rest.slice(0, dot)}.`, "");
    else if (field.isRecord)
      add(`${field.path}.`, field.what); // any name may follow
    else if (!field.hasFields) add(`${field.path}${isBare ? "" : "="}`, field.what);
  }
  for (const { name, file } of isBare ? [] : groups) {
    if (name.startsWith(word)) add(`${name}=`, `presets in ${file}`);
  }
  for (const [alias, path] of aliases) {
    if (alias.startsWith(word)) add(`${alias}${isBare ? "" : "="}`, path);
  }
  return [...candidates].map(([text, what]) => ({ word: text, what }));
}

/** The last value of a list or a sweep; each value once. */
function values(word, equals, scope) {
  const { fields, groups, aliases } = scope.known;
  const key = word.slice(0, equals).replace(/[+:-]$/, "");
  const path = aliases.find(([alias]) => alias === key)?.[1] ?? key;
  const start = Math.max(equals, ...[",", "(", "["].map((sign) => word.lastIndexOf(sign))) + 1;
  const [head, typed] = [word.slice(0, start), word.slice(start)];
  const group = groups.find(({ name }) => name === path);
  const meanings = fields.filter((field) => field.path === path && isThere(field, scope));
  if (meanings.some(({ isPlace }) => isPlace)) {
    const found = files(typed, scope.workingDirectory, "any");
    return found.map((one) => ({ ...one, word: `${head}${one.word}` }));
  }
  const candidates = [
    ...(group?.choices ?? []).map(({ name, what }) => ({ value: name, what })),
    ...meanings.flatMap((field) => (field.values ?? []).map((value) => ({ value, what: "" }))),
    ...meanings.flatMap((field) => itemsOf(field, head.slice(equals + 1))),
  ];
  const given = new Set(head.slice(equals + 1).split(/[,()[\]]/));
  const isOpen = /[([]/.test(head.slice(equals));
  return candidates
    .filter(({ value }) => value.startsWith(typed) && !given.has(value))
    .map(({ value, what }) => {
      const end = isOpen || value.startsWith("[") ? "" : " "; // a bracket is still open
      return { word: `${head}${value}${end}`, what };
    });
}

/** Items of a list: in its bracket, and before it is open together with it. */
function itemsOf({ items = [] }, before) {
  if (before !== "" && !before.startsWith("[")) return [];
  return items.map((item) => ({ value: before === "" ? `[${item}` : item, what: "" }));
}

/** The cache for an experiment, or for no file in particular; made anew where it is older than what it was made from. */
function readCache(workingDirectory, file) {
  const place = cachePlace(workingDirectory, file);
  const known = readJson(place);
  if (known !== undefined && isFresh(known)) return known;
  const args = ["completion-cache", place, ...(file === undefined ? [] : [file])];
  spawnSync(process.execPath, [join(__dirname, "exp.cjs"), ...args], {
    cwd: workingDirectory,
    stdio: "ignore",
    timeout: refreshTimeout,
  });
  return readJson(place) ?? known; // what was known of a module that is broken just now still helps
}

/** Beside the packages of the project, else beside its runs. */
function cachePlace(workingDirectory, file) {
  const path = file === undefined ? undefined : resolve(workingDirectory, file);
  const project = projectOf(path === undefined ? workingDirectory : dirname(path));
  const packages = join(project, "node_modules");
  const folder = existsSync(packages)
    ? join(packages, ".cache", "lockstep")
    : join(project, "runs", ".cache");
  const key = createHash("sha256")
    .update(`${__dirname}\n${path ?? ""}`)
    .digest("hex")
    .slice(0, 16);
  return join(folder, `completion-${key}.json`);
}

function projectOf(folder) {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (at === dirname(at)) return folder;
  }
}

function readJson(place) {
  try {
    const found = JSON.parse(readFileSync(place, "utf8"));
    return found.format === format ? found : undefined;
  } catch {
    return undefined;
  }
}

function isFresh({ modules }) {
  return modules.every(([path, mtime, size]) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && stats.mtimeMs === mtime && (size === null || stats.size === size);
  });
}

module.exports = { main };
