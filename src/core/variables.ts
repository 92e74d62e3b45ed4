/** Environment variables by name. */

/** How environment variables are named. */
export const variableName: RegExp = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a variable holds; `undefined` where it is not set, whatever objects inherit under its name. */
export function readVariable(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  return Object.hasOwn(environment, name) ? environment[name] : undefined;
}
