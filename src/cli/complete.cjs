"use strict";
/**
 * What the shell asks on Tab: `exp __complete bash LINE`, or `exp __complete zsh|fish WORD… WORD`, the last word being
 * the one under the cursor. Answers from a cache in plain JavaScript, since loading TypeScript would take longer than
 * a Tab may; a stale cache is made anew by `exp completion-cache` first. It never fails: no answer is an answer.
 */
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, readFileSync, readdirSync, statSync } = require("node:fs");
const { dirname, join, resolve } = require("node:path");

const format = "lockstep/completion/1";
/** Longer than any module should take, shorter than anybody's patience. */
const refreshTimeout = 20_000;

/** Prints one candidate a line: the text, a tab, and what it is. A text that ends in a space is complete. */
function main([shell, ...words], workingDirectory) {
  const line = shell === "bash" ? split(words[0] ?? "") : words;
  const start = line.findIndex((word) => /(?:^|[\\/])exp(?:\.cjs)?$/.test(word));
  const found = complete(line.slice(start + 1), workingDirectory);
  const text = found.map(({ word, what = "" }) => `${shownWord(word, shell)}\t${what}\n`);
  process.stdout.write(text.join(""));
}

/** The words of a line of a POSIX shell up to the cursor, quotes taken off; the last is the one being typed. */
function split(line) {
  const words = [];
  let word = "";
  const pattern = /\\([\s\S])|'([^']*)'?|"((?:[^"\\]|\\[\s\S])*)"?|(\s+)|([^\s\\'"]+)|\\$/g;
  for (const [, escaped, single, double, space, plain] of line.matchAll(pattern)) {
    if (space !== undefined) {
      if (word !== "" || words.length > 0) words.push(word);
      word = "";
    } else word += escaped ?? single ?? double?.replace(/\\([\s\S])/g, "$1") ?? plain ?? "";
  }
  return [...words, word];
}

/** As the shell puts it onto the line. */
function shownWord(word, shell) {
  if (shell === "fish") return word.trimEnd();
  const text = word.trimEnd().replace(/[^A-Za-z0-9_@%+=:,./~-]/g, "\\$&");
  return word.endsWith(" ") ? `${text} ` : text;
}

/** The candidates for the last of the words behind `exp`. */
function complete(words, workingDirectory) {
  const typed = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const general = readCache(workingDirectory, undefined);
  if (general === undefined) return files(typed, workingDirectory);
  const { commands } = general;
  const takesValue = flagBefore(before, commands);
  if (takesValue !== undefined) return flagValues(takesValue, typed, workingDirectory);
  const operands = before.filter((word, index) => {
    return !isFlag(word) && flagBefore(before.slice(0, index), commands) === undefined;
  });
  const named = commands.find(({ name }) => name === operands[0]);
  const command = named ?? commands.find(({ name }) => name === "run");
  if (isFlag(typed)) return flags(command, typed);
  const rest = named === undefined ? operands : operands.slice(1);
  const first = named === undefined && rest.length === 0 ? commandNames(commands, typed) : [];
  return [...first, ...operandsOf(command, { rest, typed, workingDirectory, commands })];
}

function operandsOf(command, { rest, typed, workingDirectory, commands }) {
  const choices = command.choices;
  const topic = choices !== undefined && rest.length > 0 ? rest.slice(1) : rest;
  if (choices !== undefined && rest.length === 0) {
    const words = choices.map((word) => ({ word: `${word} ` }));
    const names = command.name === "help" ? commandNames(commands, typed) : [];
    const paths =
      command.name === "help" ? overrides([], { typed, workingDirectory, isBare: true }) : [];
    const place = command.name === "help" ? files(typed, workingDirectory) : [];
    return [...startingWith(words, typed), ...names, ...place, ...paths];
  }
  if (!command.takesFile) return [];
  if (topic.length === 0 && !(command.name === "help" && rest.length > 0)) {
    return files(typed, workingDirectory);
  }
  if (!command.takesOverrides && command.name !== "help") return [];
  const [file, ...others] = command.name === "help" ? rest : topic;
  return overrides(others, { typed, workingDirectory, file, isBare: command.isBare });
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

function flagValues({ values = [], name }, typed, workingDirectory) {
  if (name === "--runs-dir") {
    return files(typed, workingDirectory).filter(({ word }) => word.endsWith("/"));
  }
  return startingWith(
    values.map((word) => ({ word: `${word} ` })),
    typed,
  );
}

function startingWith(candidates, typed) {
  return candidates.filter(({ word }) => word.startsWith(typed));
}

/** Folders and TypeScript files. */
function files(typed, workingDirectory) {
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1);
  let entries = [];
  try {
    entries = readdirSync(resolve(workingDirectory, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  const shown = entries.filter(({ name }) => !name.startsWith(".") && name !== "node_modules");
  const candidates = shown.flatMap((entry) => {
    if (entry.isDirectory()) return [{ word: `${folder}${entry.name}/` }];
    const isModule = /\.[cm]?ts$/.test(entry.name) && !/\.d\.[cm]?ts$/.test(entry.name);
    return isModule ? [{ word: `${folder}${entry.name} ` }] : [];
  });
  return startingWith(candidates, typed);
}

/** Paths with what may be set there, of an experiment's task or of the built-in one. */
function overrides(others, { typed, workingDirectory, file, isBare = false }) {
  const known = readCache(workingDirectory, file);
  if (known === undefined) return [];
  const [sign] = /^(?:\+\+?|~|--)?/.exec(typed) ?? [""];
  const word = typed.slice(sign.length);
  const equals = word.indexOf("=");
  const scope = { known, kinds: kindsOn(others, known) };
  const found = equals === -1 ? paths(word, scope, isBare) : values(word, equals, scope);
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

/** The last value of a list or a sweep. */
function values(word, equals, scope) {
  const { fields, groups, aliases } = scope.known;
  const key = word.slice(0, equals).replace(/[+:-]$/, "");
  const path = aliases.find(([alias]) => alias === key)?.[1] ?? key;
  const start = Math.max(equals, ...[",", "(", "["].map((sign) => word.lastIndexOf(sign))) + 1;
  const group = groups.find(({ name }) => name === path);
  const meanings = fields.filter((field) => field.path === path && isThere(field, scope));
  const candidates = [
    ...(group?.choices ?? []).map(({ name, what }) => ({ value: name, what })),
    ...meanings.flatMap((field) => (field.values ?? []).map((value) => ({ value, what: "" }))),
  ];
  const head = word.slice(0, start);
  return startingWith(
    candidates.map(({ value, what }) => ({ word: `${head}${value} `, what })),
    word,
  );
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

module.exports = { main, complete, split };
