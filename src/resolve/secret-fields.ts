/** Fields that hold references to secrets, where somebody wrote the secret itself. What is found there is not repeated. */
import type { Override } from "../config/override.ts";
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { registerSecret } from "../core/secrets.ts";
import { variableName } from "../core/variables.ts";
import type { Problem } from "./problems.ts";
import { viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

const advice =
  'is a secret: write secret("NAME"), the name of the environment variable that holds it, never the value';

/** The problem in words that do not repeat what was written in place of a secret. */
export function withoutSecret(problem: Problem, view: SchemaView): Problem {
  const path = secretPath(problem.path, view);
  if (path === undefined) return problem;
  const { place } = problem;
  return { path, message: advice, ...(place === undefined ? {} : { place }) };
}

/** The part of a path that leads to a secret. */
function secretPath(path: Path, view: SchemaView): Path | undefined {
  const index = path.findIndex((_, end) => {
    const views = viewsAt(view, path.slice(0, end + 1));
    return isSecretField(views) || (path[end + 1] === "$secret" && mayBeSecret(views));
  });
  return index === -1 ? undefined : path.slice(0, index + 1);
}

/** Of a field that takes a text or a secret, only what stands inside of a reference is one. */
function mayBeSecret(views: readonly SchemaView[]): boolean {
  return views.some((one) => one.shape === "anyOf" && one.options().some(isSecretView));
}

function isSecretView({ facts }: SchemaView): boolean {
  return facts.secret === true;
}

function isSecretField(views: readonly SchemaView[]): boolean {
  return views.length > 0 && views.every(isSecretView);
}

/**
 * The text of an override as messages, provenance and records show it. A value that was typed for a secret is known from
 * then on, so that it is taken out of everything else too.
 * @param views - Of the field that the override is for.
 */
export function safeText({ text, value }: Override, views: readonly SchemaView[]): string {
  const end = text.indexOf("=");
  if (end === -1 || !isTyped(value, views)) return text;
  const key = text.slice(0, end);
  for (const typed of textsIn(value)) registerSecret(key, typed);
  registerSecret(key, text.slice(end + 1));
  return `${key}=[redacted]`;
}

/** Whether a value stands where a secret does, and is no reference to one. */
function isTyped(value: unknown, views: readonly SchemaView[]): boolean {
  if (!isPlainObject(value)) return isSecretField(views);
  const name = value["$secret"];
  const isName = typeof name !== "string" || variableName.test(name);
  return !isName && (isSecretField(views) || mayBeSecret(views));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
