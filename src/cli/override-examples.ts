/** Overrides that a field accepts, as examples of how to set it. */
import type { FieldInfo } from "../app/field-facts.ts";
import { formatValue } from "./run-text.ts";

/** Values that people try first, small to large. */
const numbers = [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 100];
const wholeNumbers = [16, 32, 1, 2, 3, 4, 8, 64, 128, 256, 1_000, 0];

/**
 * Arguments of the command line that set a field, the simplest first; none for what is set field by field.
 * @param writtenPath - As it is to be written; the first item stands for every item of a list (`stages[].channels`), a
 *   name for every key of a record.
 */
export function overrideExamples(writtenPath: string, field: FieldInfo): readonly string[] {
  const { values, type, members } = field;
  const path = writtenPath.replaceAll("[]", "[0]").replaceAll("<name>", "some-name");
  if (values !== undefined) {
    const shown = values.filter((value) => typeof value !== "string" || /^[\w.-]+$/u.test(value));
    const [first] = shown;
    const sweep =
      shown.length > 1 ? [`${path}=${shown.slice(0, 3).map(formatValue).join(",")}`] : [];
    return first === undefined ? [] : [`${path}=${formatValue(first)}`, ...sweep];
  }
  if (members !== undefined)
    return members.slice(0, 1).map(({ kind }) => `${path}.kind=${formatValue(kind)}`);
  const nullable = type.endsWith("or null") ? [`${path}=null`] : [];
  if (type.startsWith("a whole number"))
    return [...numberExamples(path, field, wholeNumbers), ...nullable];
  if (type.startsWith("a number")) return [...numberExamples(path, field, numbers), ...nullable];
  if (type.startsWith("true or false")) return [`${path}=true`, `${path}=false`];
  if (type.startsWith("a list, each a text")) return [`${path}=[first,second]`, `${path}+=third`];
  if (type.startsWith("a list, each a whole number")) return [`${path}=[64,32]`, `${path}+=16`];
  return type.startsWith("a text") && !(field.range ?? "").includes("/")
    ? [`${path}=some-text`, ...nullable]
    : nullable;
}

function numberExamples(
  path: string,
  { range = "" }: FieldInfo,
  candidates: readonly number[],
): readonly string[] {
  const fitting = candidates.filter((value) => isWithin(value, range));
  const [first, second] = fitting;
  if (first === undefined) return [];
  const sweep = second === undefined ? [] : [`${path}=${first},${second}`];
  return [`${path}=${first}`, ...sweep];
}

/** Whether a number keeps to a range as `≥ 0, < 1` writes it. */
function isWithin(value: number, range: string): boolean {
  return range.split(", ").every((part) => {
    const [sign, bound = ""] = part.split(" ");
    const limit = Number(bound);
    if (sign === "≥") return value >= limit;
    if (sign === ">") return value > limit;
    if (sign === "≤") return value <= limit;
    return sign === "<" ? value < limit : true;
  });
}
