/** Names and values as MLflow takes them. Two names never become one: what was changed ends in digits of its digest. */
import { sha256 } from "../../core/hash.ts";

/** Of keys of params, metrics and tags. */
const maxKeyLength = 250;

/** Of the value of a param. What is longer is cut by servers of today, and refused by those before. */
export const maxParamLength = 6000;

/** Of the value of a tag; newer servers take 8000. */
export const maxTagLength = 5000;

/**
 * A key that MLflow takes: at most 250 of letters, digits and `_-. /`, and no path that leads elsewhere.
 * @see mlflow/utils/validation.py, `validate_param_and_metric_name`, `path_not_unique`
 */
export function mlflowKey(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_\-. /]/gu, "_");
  const isPath = plain.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  const safe = isPath ? plain : plain.replaceAll("/", "_");
  if (safe === name && isPath && safe.length <= maxKeyLength) return name;
  return `${safe.slice(0, maxKeyLength - 9)}-${sha256(name).slice(0, 8)}`;
}

/**
 * A value of at most so many UTF-16 units; a longer one ends in digits of the digest of all of it. Databases refuse NUL and
 * halves of surrogate pairs: they are replaced.
 * @param maxLength - At least 40.
 */
export function mlflowValue(value: string, maxLength: number): string {
  const whole = value.replace(/\0|\p{Surrogate}/gu, "\u{fffd}");
  if (whole.length <= maxLength) return whole;
  const digest = `… sha256:${sha256(value).slice(0, 16)}`;
  const kept = whole.slice(0, maxLength - digest.length).replace(/\p{Surrogate}$/u, "");
  return `${kept}${digest}`;
}
