/** How people name runs: by the first digits of their key. */

/** Fewest digits of a run key that are taken for its name. */
export const minRunPrefixDigits = 8;

const runPrefix = /^[0-9a-fA-F]{8,64}$/;
const anyDigits = /^[0-9a-fA-F]{1,99}$/;

/** Whether a text may be the beginning of a run key: 8 to 64 hex digits. */
export function isRunPrefix(text: string): boolean {
  return runPrefix.test(text);
}

/**
 * What is to be said of a text that would name a run if it had another number of hex digits: fewer may be anything (a
 * preset, a word), more are no key.
 * @returns `undefined` for any other text.
 */
export function wrongDigitsHint(text: string): string | undefined {
  if (!anyDigits.test(text) || isRunPrefix(text)) return undefined;
  const count = `${String(text.length)} hex digit${text.length === 1 ? "" : "s"}`;
  return `A run or config is named by the first 8 to 64 digits of its key or hash; ${text} has ${count}.`;
}
