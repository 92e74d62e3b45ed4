/**
 * Taking secrets out of what is written down. A list of known shapes cannot find every secret; it finds those that
 * people most often leave in a command line, a remote or a file, and says how many it took out.
 */

/** Stands where a secret was. */
export const redacted = "[redacted]";

/** A text without its secrets, and how many were taken out. */
export interface RedactedText {
  readonly text: string;
  readonly numRedacted: number;
}

/** Shapes that are secrets wherever they stand. */
const tokenPatterns: readonly RegExp[] = [
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g, // GitLab
  /\bhf_[A-Za-z0-9]{20,}/g, // Hugging Face
  /\bnpm_[A-Za-z0-9]{30,}/g,
  // OpenAI, Anthropic; with a digit and a capital, which the name of a model (`sk-learn-…`) has not.
  /\bsk-(?=[A-Za-z_-]*\d)(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{20,}/g,
  /\bxox[abposr]-[A-Za-z0-9-]{10,}/g, // Slack
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, // AWS key id
  /\bAIza[A-Za-z0-9_-]{35}/g, // Google
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g, // JSON web token
  // Up to its end; where that is cut off, as in the context of a diff, the lines that look like a key.
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]{0,8000}?-----END [A-Z ]*PRIVATE KEY-----|(?:\s*[+-]?[A-Za-z0-9+/=]{16,})*)/g,
];

/** Credentials in a URL: a password, or a user name as long as a token. Templates (`${user}:${password}@`) stay. */
const userInfo =
  /\b([a-z][a-z0-9+.-]{0,20}:\/\/)(?:[^/\s@'"`:${}<>]*:[^/\s@'"`${}<>]+|[A-Za-z0-9_-]{20,})@/gi;

/** Where this finds nothing, there is nothing that one of the patterns finds: most lines of a log, looked at once. */
const perhapsSecret = /[A-Za-z0-9_-]{13}|:\/\/|-----BEGIN/;

/** The text without known secrets, and how many were taken out. */
export function redactText(text: string): RedactedText {
  if (!perhapsSecret.test(text)) return { text, numRedacted: 0 };
  let numRedacted = 0;
  const replace = (): string => {
    numRedacted++;
    return redacted;
  };
  let result = text;
  for (const pattern of tokenPatterns) result = result.replace(pattern, replace);
  result = result.replace(userInfo, (_whole, scheme: string) => {
    numRedacted++;
    return scheme;
  });
  return { text: result, numRedacted };
}

/** Numbers of the lines, from 1, on which something begins that `redactText` would take out. */
export function secretLines(text: string): readonly number[] {
  const starts = [...tokenPatterns, userInfo].flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ({ index }) => index),
  );
  const lines = starts.map((start) => text.slice(0, start).split("\n").length);
  return [...new Set(lines)].toSorted((a, b) => a - b);
}

/**
 * A git remote without credentials: no user name, password or query. The user `git` of `git@host:path` stays, because
 * it is no secret and the address does not work without it. A form that is not known is not repeated at all.
 */
export function redactRemote(remote: string): string {
  const text = remote.trim();
  const url = /^([a-z][a-z0-9+.-]*:\/\/)([^/]*)(\/[^?#]*)?/i.exec(text);
  if (url !== null) {
    const [, scheme = "", authority = "", path = ""] = url;
    const at = authority.lastIndexOf("@");
    const user = authority.slice(0, Math.max(at, 0)) === "git" ? "git@" : "";
    const host = authority.slice(at + 1).replace(/[?#].*$/s, "");
    return `${scheme}${user}${host}${redactText(path).text}`;
  }
  if (/^[./~]/.test(text)) return redactText(text).text; // a path on this machine
  if (/^[^/@]+::|[\s?#]/.test(text)) return redacted;
  const shell = /^(?:(.*)@)?([^@/:]+):(?!\/\/)(.*)$/s.exec(text);
  if (shell === null) return redactText(text).text; // a path again
  const [, user, host = "", path = ""] = shell;
  return `${user === "git" ? "git@" : ""}${host}:${redactText(path).text}`;
}
