/** How people name runs: by the first digits of their key. */

/** Fewest digits of a run key that are taken for its name. */
export const minRunPrefixDigits = 8;

const runPrefix = /^[0-9a-fA-F]{8,64}$/;

/** Whether a text may be the beginning of a run key: 8 to 64 hex digits. */
export function isRunPrefix(text: string): boolean {
  return runPrefix.test(text);
}
