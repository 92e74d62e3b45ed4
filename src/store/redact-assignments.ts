/**
 * Secrets that have no shape of their own but stand beside a name that gives them away: `API_KEY=…` in a file of
 * settings, `const password = "…"` in code. Rather one value too many than one too few: a setting that was left out
 * can be supplied again, a secret that was published cannot be taken back.
 */
import { redacted, redactText, type RedactedText } from "./redact.ts";

/** Words of a name that make its value a secret, wherever they stand. */
const secretWords = new Set([
  "token",
  "secret",
  "secrets",
  "password",
  "passwords",
  "passwd",
  "pwd",
  "passphrase",
  "credential",
  "credentials",
  "apikey",
  "accesskey",
  "privatekey",
  "secretkey",
]);

/** Words before `key` that make no secret of it. */
const openKeys = new Set(
  "cache code column config data foreign group hash index map object partition primary public react row run sort storage".split(
    " ",
  ),
);

/** Last words of names that are about a secret, and hold none. */
const openEnds = new Set(
  "checksum count digest digests fingerprint hash index length limit sha256 size type types".split(
    " ",
  ),
);

/**
 * Tells whether a name gives its value away as a secret: `HF_TOKEN`, `clientSecret`, `db.password`, `AWS_ACCESS_KEY`.
 * `tokenizer`, `maxTokens`, `tokenHash`, `runKey` and `keys` do not.
 */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase()); // ASCII only, as split
  const last = words.at(-1) ?? "";
  if (openEnds.has(last)) return false;
  if (words.some((word) => secretWords.has(word))) return true;
  const [before = "", end] = words.slice(-2);
  const isScreaming = /^[A-Z0-9_]+$/.test(name);
  if (isScreaming && end === "tokens") return true;
  if (end !== "key" || openKeys.has(before)) return false;
  return /_key$/i.test(name) || ["api", "access", "private", "secret"].includes(before);
}

/** Nothing that could be a secret: references, marks of a vocabulary, words of the language. */
function isOpenValue(value: string): boolean {
  return (
    !/[A-Za-z0-9]/.test(value) ||
    value.includes(redacted) ||
    /^(?:true|false|null|undefined|[[<][A-Za-z0-9_/|-]{1,20}[\]>]|\$\{[^}]*\}|\$\w+)$/.test(
      value,
    ) ||
    /^sha(?:1|256|384|512)[-:]/.test(value)
  );
}

const name = String.raw`(?<![\w$.-])(?<name>[A-Za-z_$][\w$.-]{0,100})`;

/** `password: "…"`, `"apiKey": "…"`, `env["TOKEN"] = '…'`, `process.env.TOKEN ?? "…"`, also with a type between. */
const quotedValue = new RegExp(
  `(?<before>${name}\\\\?["'\`]?\\]?\\s{0,20}[!?]?(?:\\s{0,20}:\\s{0,20}string(?: \\| \\w+)?)?\\s{0,20}(?:=|:|\\?\\?=?|\\|\\|=?)\\s{0,20}(?<quote>\\\\?["'\`]))(?<value>(?:(?!\\k<quote>)(?:\\\\.|[^\\\\])){0,4000})(?=\\k<quote>)`,
  "g",
);

/** `TOKEN=…` without spaces, as shells and files of settings have it; not `==`, `=>`, `={…}` or a call. */
const bareValue = new RegExp(
  `(?<before>${name}=)(?<value>[^\\s=>({<$"'\`,;)}&][^\\s"'\`,;)}&(]{0,4000})(?![\\w(])`,
  "g",
);

/** `{password: …}` as overrides write it, without quotes. */
const entryValue = new RegExp(
  `(?<=[{,]\\s{0,20})(?<before>${name}\\s{0,20}:\\s{0,20})(?<value>[^\\s"'\`,{}\\]][^,}\\]]{0,4000})`,
  "g",
);

/** A whole line `password: …` or `password = …` of a file that holds settings only. */
const settingsLine = new RegExp(
  `^(?<before>\\s*(?:- )?(?:export )?["']?${name}["']?\\s{0,20}[:=]\\s{0,20})(?<value>[^\\s"'\`#][^#]*?)(?=\\s*(?:#.*)?$)`,
  "g",
);

/** Prettier breaks long lines after the sign. */
const brokenLine = new RegExp(`${name}["']?\\]?(?:\\s*:\\s*string)?\\s*[:=]\\s*$`);
const quotedLine = /^(?<before>\s*(?<quote>["'`]))(?<value>.{0,4000})(?=\k<quote>)/g;

/** Replaces the values of secret names in a text. */
export function redactAssignments(text: string): RedactedText {
  let numRedacted = 0;
  let result = text;
  for (const pattern of [quotedValue, bareValue]) {
    const safe = replaceValues(result, pattern);
    result = safe.text;
    numRedacted += safe.numRedacted;
  }
  return { text: result, numRedacted };
}

/** Replaces the values of secret names in the mappings of an override: `{user: a, password: b}`. */
export function redactEntries(text: string): RedactedText {
  return replaceValues(text, entryValue);
}

function replaceValues(text: string, pattern: RegExp, given?: string): RedactedText {
  let numRedacted = 0;
  const replaced = text.replace(pattern, (whole: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const { before = "", value = "" } = groups;
    const owner = groups["name"] ?? given ?? "";
    // Sizes and limits are named for tokens too, and seldom in quotes.
    const isFigure = groups["quote"] === undefined && /^-?[\d._]+$/.test(value);
    const isOpen = isFigure && !/pass|pwd|secret/i.test(owner);
    if (isOpen || isOpenValue(value)) return whole;
    if (!isSecretName(owner)) {
      const inner = replaceValues(value, pattern); // a command or JSON in a text
      numRedacted += inner.numRedacted;
      return `${before}${inner.text}`;
    }
    numRedacted++;
    return `${before}${redacted}`;
  });
  return { text: replaced, numRedacted };
}

const settingsFile =
  /(?:^|\/)\.(?:env|npmrc|netrc|pypirc)[^/]*$|\.(?:ya?ml|toml|ini|cfg|conf|env|properties)$/;

/**
 * A diff without known secrets: shapes of tokens anywhere, and values of secret names in lines that it adds. What is
 * in the other lines is committed, and without it the diff would not apply.
 * @param diff - As git writes it.
 */
export function redactDiff(diff: string): RedactedText {
  const shapes = redactText(diff);
  let { numRedacted } = shapes;
  let isSettings = false;
  let isEnvironment = false;
  let owner: string | undefined;
  const lines = shapes.text.split("\n").map((line) => {
    const file = /^\+\+\+ "?b\/(.*?)"?\t?$/.exec(line)?.[1];
    if (file !== undefined) {
      isSettings = settingsFile.test(file);
      isEnvironment = environmentFile.test(file);
    }
    if (file !== undefined || !line.startsWith("+")) return line;
    const safe = redactLine(line.slice(1), { isSettings, isEnvironment, owner });
    owner = brokenLine.exec(line.slice(1))?.groups?.["name"];
    numRedacted += safe.numRedacted;
    return `+${safe.text}`;
  });
  return { text: lines.join("\n"), numRedacted };
}

interface LineContext {
  readonly isSettings: boolean;
  readonly isEnvironment: boolean;
  readonly owner: string | undefined;
}

function redactLine(line: string, { isSettings, isEnvironment, owner }: LineContext): RedactedText {
  const assigned = redactAssignments(line);
  const random = isEnvironment ? redactRandomValue(assigned.text) : undefined;
  if (random !== undefined) return { text: random, numRedacted: assigned.numRedacted + 1 };
  const pattern = isSettings ? settingsLine : owner === undefined ? undefined : quotedLine;
  if (pattern === undefined) return assigned;
  const rest = replaceValues(assigned.text, pattern, owner);
  return { text: rest.text, numRedacted: assigned.numRedacted + rest.numRedacted };
}

/** Files that hold the settings of one machine and, more often than not, its keys. */
const environmentFile = /(?:^|\/)\.(?:env|npmrc|netrc|pypirc)[^/]*$/;

/** The value of a line whose name says nothing, where no human wrote it: long, of letters and digits, no word or path. */
function redactRandomValue(line: string): string | undefined {
  const found = /^(\s*(?:export )?[\w.-]{1,100}\s*=\s*["']?)([\w+/=-]{20,4000})(["']?\s*)$/.exec(
    line,
  );
  const [, before = "", value = "", after = ""] = found ?? [];
  return isRandom(value) ? `${before}${redacted}${after}` : undefined;
}

/** How many characters a random text seems to choose from at least: hex digits of a short one show about ten. */
const minAlphabet = 8;

/**
 * Whether a text looks like one that a machine drew: many different characters, as evenly as chance has them (the inverse of
 * the chance that two of them are equal), and letters, capitals and digits without the order that words give them.
 */
function isRandom(text: string): boolean {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  const squares = [...counts.values()].reduce((sum, count) => sum + count * count, 0);
  const kinds = text
    .replace(/\W|_/g, "")
    .replace(/[a-z]/g, "a")
    .replace(/[A-Z]/g, "A")
    .replace(/\d/g, "0");
  const numChanges = kinds.replace(/(.)\1+/g, "$1").length - 1;
  const isUneven = numChanges < text.length / 5;
  return (text.length * text.length) / squares >= minAlphabet && !isUneven;
}
