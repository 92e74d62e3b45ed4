/** What a figure may be called: names stand in tables, logs and files, where they must be seen and stay on one line. */

/**
 * Says what is wrong with the name of a figure.
 * @returns A few words (`is empty`), or `undefined` for a name that may be used.
 */
export function metricNameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.trim() !== name) return "begins or ends with a space";
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u.test(name)) return "has a control character";
  return /[\uD800-\uDFFF]/u.test(name) ? "has half a character" : undefined; // half a surrogate pair
}
