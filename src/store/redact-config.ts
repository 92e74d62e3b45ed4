/** Taking secrets out of configs that are passed on. */
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import { isSecretKey } from "./redact-arguments.ts";
import { redacted, redactText } from "./redact.ts";

/**
 * The value without what looks like a secret, by its shape or by the name of its field.
 * @param onSecret - Told the path of each.
 */
export function maskConfig(
  value: JsonValue,
  onSecret: (path: string) => void = () => undefined,
): JsonValue {
  return masked(value, [], onSecret);
}

/** A config without where it was shown: servers and folders of whoever ran it are nobody else's business. */
export function withoutTracking(config: JsonObject): JsonObject {
  const { tracking: _, ...others } = config;
  return others;
}

/**
 * One value of a config as `maskConfig` leaves it.
 * @param path - As it is written: `service.apiKey`.
 */
export function maskConfigValue(path: string, value: JsonValue): JsonValue {
  return typeof value === "string" ? maskText(path, value) : maskConfig(value);
}

function maskText(name: string, text: string): string {
  return isSecretKey(name) && text !== "" ? redacted : redactText(text).text;
}

function masked(value: JsonValue, path: Path, onSecret: (path: string) => void): JsonValue {
  if (typeof value === "string") {
    const name = formatPath(path);
    const text = maskText(name, value);
    if (text !== value) onSecret(name);
    return text;
  }
  if (Array.isArray(value))
    return value.map((item: JsonValue, index) => masked(item, [...path, index], onSecret));
  if (!isPlainObject(value)) return value;
  const fields = Object.entries(value as Readonly<Record<string, JsonValue>>);
  return Object.fromEntries(
    fields.map(([key, child]) => [key, masked(child, [...path, key], onSecret)]),
  );
}
