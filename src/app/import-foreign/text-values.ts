/** Values of configs and figures as other tools write them into texts. */
import { parseJson, type JsonObject, type JsonValue } from "../../core/json.ts";
import { parsePath } from "../../core/path.ts";

/** A decimal number as digits without zeros around them, and the exponent of the last: equal for equal numbers. */
function digitsOf(text: string): string | undefined {
  const [, sign = "", whole, fraction = "", exponent = "0"] =
    /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/u.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const all = `${whole}${fraction}`.replace(/^0+/u, "");
  const digits = all.replace(/0+$/u, "");
  const power = Number(exponent) - fraction.length + all.length - digits.length;
  return digits === "" ? `${sign}0` : `${sign}${digits}e${power}`;
}

/**
 * The value that a text of a config means: a number where no digit of it is lost (`007` and twenty digits stay text), a
 * truth value, a list of JSON, else the text.
 */
export function configValueOf(text: string): JsonValue {
  if (/^true$/iu.test(text)) return true;
  if (/^false$/iu.test(text)) return false;
  if (text.startsWith("[")) {
    const list = parseJson(text);
    if (Array.isArray(list)) return list as JsonValue; // of JSON
  }
  const digits = digitsOf(text);
  const value = Number(text);
  const isSame = digits !== undefined && Number.isFinite(value) && !Object.is(value, -0);
  return isSame && digitsOf(String(value).replace("e+", "e")) === digits ? value : text;
}

const named: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Infinity],
  ["infinity", Infinity],
  ["+inf", Infinity],
  ["+infinity", Infinity],
  ["-inf", -Infinity],
  ["-infinity", -Infinity],
]);

/** The figure of a text, NaN and infinities among them as tools write them; `undefined` for anything else. */
export function figureOf(text: string): number | undefined {
  const trimmed = text.trim();
  const special = named.get(trimmed.toLowerCase());
  if (special !== undefined) return special;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(trimmed) ? Number(trimmed) : undefined;
}

/** Deeper paths stay one name. */
const maxDepth = 50;

interface Branch {
  readonly children: Map<string, Branch>;
  value?: JsonValue;
}

/**
 * A config from its leaves. A path with dots becomes objects inside objects; where a path is both a value and the beginning
 * of another, the whole of the longer one stays one name.
 */
export function nestedConfig(leaves: ReadonlyMap<string, JsonValue>): JsonObject {
  const root: Branch = { children: new Map() };
  for (const [path, value] of [...leaves].toSorted(([a], [b]) => a.length - b.length)) {
    if (!place(root, keysOf(path) ?? [path], value)) place(root, [path], value);
  }
  return objectOf(root);
}

function keysOf(path: string): readonly string[] | undefined {
  const keys = parsePath(path);
  if (keys === undefined || keys.length > maxDepth) return undefined;
  return keys.every((key) => typeof key === "string") ? keys : undefined;
}

/** Whether there was a place for it. */
function place(root: Branch, keys: readonly string[], value: JsonValue): boolean {
  let branch = root;
  for (const [index, key] of keys.entries()) {
    const next: Branch = branch.children.get(key) ?? { children: new Map() };
    const isLast = index === keys.length - 1;
    if (next.value !== undefined || (isLast && next.children.size > 0)) return false;
    branch.children.set(key, next);
    branch = next;
  }
  branch.value = value;
  return true;
}

function objectOf({ children }: Branch): JsonObject {
  return Object.fromEntries(
    Array.from(children, ([key, child]) => [
      key,
      child.value !== undefined ? child.value : objectOf(child),
    ]),
  );
}
