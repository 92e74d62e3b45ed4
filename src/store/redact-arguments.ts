/** Taking secrets out of command lines and overrides: they are written into records and documents that are passed on. */
import { redactAssignments, redactEntries } from "./redact-assignments.ts";
import { redacted, redactText } from "./redact.ts";

/** Last word of a key whose value is a secret. `tokenizer` and `maxTokens` do not match. */
const secretKey =
  /(?:^|[._"'-]|(?<=[a-z0-9]))(?:token|password|passwd|passphrase|secret|credentials?|(?:api|access|private|secret)[-_]?key)$/i;

/** Tells whether a key of a config, as its path is written, is named for a secret: `service.apiKey`, `db["password"]`. */
export function isSecretKey(key: string): boolean {
  return secretKey.test(key.replace(/["'\]\s]+$/, ""));
}

/** A command line without secrets: known shapes anywhere, and the values of keys and flags that are named for one. */
export function redactArguments(argv: readonly string[]): readonly string[] {
  return argv.map((argument, index) => {
    const flag = argv[index - 1];
    const isValueOfFlag =
      flag !== undefined &&
      /^--[^=]+$/.test(flag) &&
      isSecretKey(flag) &&
      !argument.startsWith("-");
    if (isValueOfFlag) return redacted;
    const separator = argument.indexOf("=");
    const key = argument.slice(0, Math.max(separator, 0)).replace(/[+:~-]$/, "");
    if (isSecretKey(key)) return `${argument.slice(0, separator + 1)}${redacted}`;
    return argument.slice(0, separator + 1) + redactValue(argument.slice(separator + 1));
  });
}

/** The value may hold keys of its own: `service={user:a,password:b}`. */
function redactValue(value: string): string {
  const { text } = redactText(value);
  return redactEntries(redactAssignments(text).text).text;
}
