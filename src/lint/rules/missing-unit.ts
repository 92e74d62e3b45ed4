/** `missing-unit`. */
import type { Problem, Rule } from "../rule.ts";
import { fieldDoc, hasUnit, isNumeric } from "../schema-fields.ts";
import { fieldsIn, pathOf } from "./missing-description.ts";

/** Words in a key for what is measured in one unit or another. */
const measured =
  /^(?:age|angle|delay|distance|duration|frequency|height|interval|latency|length|lifetime|mass|memory|patience|period|pressure|radius|size|speed|thickness|time|timeout|velocity|voltage|width|window)$/u;

/** Words that say in what something is counted, in the key or in the description. */
const units =
  /\b(?:ms|ns|µs|in (?:s|m|g|h)|hz|khz|mhz|kb|mb|gb|kib|mib|gib|km|cm|mm|kg|(?:nano|micro|milli)?seconds?|minutes?|hours?|days?|weeks?|years?|steps?|epochs?|evaluations?|examples?|samples?|tokens?|words?|characters?|bytes?|bits?|rows?|columns?|pixels?|points?|positions?|items?|entries|times|layers?|units?|neurons?|channels?|dimensions?|metres?|meters?|kilometres?|degrees?|radians?|hertz|volts?|watts?|percent|fraction|share|ratio|number of|how many)\b|%|°/iu;

/** Numbers whose unit is left to be guessed. */
export const missingUnit: Rule = {
  id: "missing-unit",
  reason:
    "A length of 30 is not the same in seconds and in steps; whoever sets it must not have to guess.",
  bad: "/** How long to wait. */ timeout: z.number().default(30),",
  good: '/** How long to wait. */ timeout: z.number().default(30).meta(field({ unit: "seconds" })),',
  hasFix: false,
  needsEvaluation: false,
  check: ({ modules, linted }) =>
    fieldsIn({ modules, linted })
      .filter((field) => isNumeric(modules, field) && isMeasured(field.key))
      .filter((field) => !hasUnit(modules, field) && !units.test(fieldDoc(modules, field) ?? ""))
      .map((field): Problem => {
        const message = `${pathOf(field)} does not say what it is measured in. Add .meta(field({ unit: "seconds" })) with its unit, or name the unit in its description or key.`;
        return { module: field.module, node: field.node.name, message };
      }),
};

/** `sequenceLength` is measured, `timeoutSeconds` says in what. */
function isMeasured(key: string): boolean {
  const words = key.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2").toLowerCase();
  const last = words.split(/[ _-]/u).at(-1) ?? "";
  return measured.test(last) && !units.test(words.slice(0, -last.length));
}
