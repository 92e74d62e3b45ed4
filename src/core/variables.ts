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

/**
 * What a variable of this process holds. For secrets alone: they are read where they are used, and handed through
 * nothing. Everything else gets the environment as an argument.
 */
export function processVariable(name: string): string | undefined {
  return readVariable(process.env, name);
}
