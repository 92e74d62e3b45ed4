/** How often Ctrl-C was pressed, from the signals that came of it. */

/**
 * One Ctrl-C may come twice: from the terminal, which tells the whole group of processes, and from the package manager
 * that started us and hands on what it is told. Nobody presses it twice within this time.
 */
const echoMs = 150;

export interface PressCounter {
  /**
   * Takes a signal in, and tells how many presses there have been: 1 or 2, where 2 stands for more, too.
   * @param now - Milliseconds of any clock.
   * @param isLate - The process was busy until now: signals that came far apart are told in one moment.
   */
  take(now: number, isLate: boolean): number;
}

/**
 * @param isHandedOn - A package manager stands between, so that a press may be two signals; of signals whose times are not
 *   known, only their number tells then.
 */
export function createPressCounter(isHandedOn: boolean): PressCounter {
  const mostOfOnePress = isHandedOn ? 2 : 1;
  let first: { readonly at: number; readonly isLate: boolean } | undefined;
  let numSignals = 0;
  return {
    take: (now, isLate) => {
      numSignals++;
      first ??= { at: now, isLate };
      if (now - first.at >= echoMs) return 2;
      return first.isLate && numSignals > mostOfOnePress ? 2 : 1;
    },
  };
}
