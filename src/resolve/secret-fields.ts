/** Fields that hold references to secrets, where somebody wrote the secret itself. What is found there is not repeated. */
import type { Override } from "../config/override.ts";
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { registerSecret } from "../core/secrets.ts";
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
  const index = path.findIndex((_, end) => isSecretField(viewsAt(view, path.slice(0, end + 1))));
  return index === -1 ? undefined : path.slice(0, index + 1);
}

function isSecretField(views: readonly SchemaView[]): boolean {
  return views.length > 0 && views.every(({ facts }) => facts.secret === true);
}

/**
 * The text of an override as messages, provenance and records show it. A value that was typed for a secret is known from
 * then on, so that it is taken out of everything else too.
 * @param views - Of the field that the override is for.
 */
export function safeText({ text, value }: Override, views: readonly SchemaView[]): string {
  const end = text.indexOf("=");
  if (end === -1 || !isSecretField(views) || isPlainObject(value)) return text;
  const key = text.slice(0, end);
  for (const typed of textsIn(value)) registerSecret(key, typed);
  registerSecret(key, text.slice(end + 1));
  return `${key}=[redacted]`;
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
