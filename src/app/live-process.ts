/** Whether the process that left something behind is still there. */
import { thrownCode } from "../core/thrown.ts";

/** Tells whether a process of this machine is alive; one that belongs to somebody else is alive too. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return thrownCode(error) !== "ESRCH";
  }
}
