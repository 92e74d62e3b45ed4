/** What a schema's checks allow, as help texts and tables show it. */

/** What a field's own checks allow, for help texts. Bounds that merely keep a whole number exact are left out. */
export interface FieldLimits {
  readonly minimum?: Bound;
  readonly maximum?: Bound;
  readonly multipleOf?: number;
  /** Of a text, characters; of a list, items. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression that a text has to match. */
  readonly pattern?: string;
}

export interface Bound {
  readonly value: number;
  /** Whether the bound itself is allowed. */
  readonly inclusive: boolean;
}

/** The part of zod's description of a check that is read here. */
export interface ZodCheck {
  readonly check?: string;
  readonly format?: string;
  readonly value?: unknown;
  readonly inclusive?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly length?: number;
  readonly pattern?: RegExp;
}
/** The limits that the checks of a schema set. */
export function limitsOf({
  checks = [],
  type,
}: {
  readonly type: string;
  readonly checks?: readonly { readonly _zod: { readonly def: ZodCheck } }[];
}): FieldLimits {
  let limits: FieldLimits = {};
  for (const check of checks) limits = { ...limits, ...limitOf(check._zod.def) };
  if (type !== "number") return limits;
  const { minimum, maximum, ...others } = limits;
  const isBound = (bound: Bound | undefined): bound is Bound =>
    bound !== undefined && Math.abs(bound.value) < Number.MAX_SAFE_INTEGER;
  return { ...others, ...(isBound(minimum) && { minimum }), ...(isBound(maximum) && { maximum }) };
}

function limitOf(check: ZodCheck): FieldLimits {
  const { value, inclusive = true, pattern, minimum, maximum, length } = check;
  switch (check.check) {
    case "greater_than":
      return typeof value === "number" ? { minimum: { value, inclusive } } : {};
    case "less_than":
      return typeof value === "number" ? { maximum: { value, inclusive } } : {};
    case "multiple_of":
      return typeof value === "number" ? { multipleOf: value } : {};
    case "min_length":
      return minimum === undefined ? {} : { minLength: minimum };
    case "max_length":
      return maximum === undefined ? {} : { maxLength: maximum };
    case "length_equals":
      return length === undefined ? {} : { minLength: length, maxLength: length };
    case "string_format":
      return pattern === undefined ? {} : { pattern: pattern.source };
    default:
      return {};
  }
}
