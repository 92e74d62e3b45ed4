/**
 * Which machine this is, whatever it is called: host names are given twice (`localhost`, clones of one image), so two
 * machines that share a disk would take each other for the same one after a boot.
 */
import { sha256 } from "../core/hash.ts";
import { containerOf, thisHost, type HostView } from "./environment-host.ts";

/** The space of process numbers that every Linux kernel begins with; whatever is in another one is in a container. */
const firstPidNamespace = "pid:[4026531836]";

/** The number itself is not for others (machine-id(5)), so it is hashed together with what it is for. */
const purpose = "lockstep/machine/1";

const places = ["/etc/machine-id", "/var/lib/dbus/machine-id"];

/**
 * A text that is this machine's and survives a boot; `null` where nothing is known that only this machine has. Such is any
 * container: it has no number, that of its image, or that of its host, and the same image runs on many hosts.
 */
export function machineIdentity(
  pidNamespace: string | null,
  view: HostView = thisHost,
): string | null {
  if (pidNamespace !== firstPidNamespace || containerOf(view) !== null) return null;
  const texts = places.map((path) => view.read(path)?.trim() ?? "");
  const number = texts.find((text) => /^[0-9a-f]{32}$/u.test(text) && !/^0+$/u.test(text));
  return number === undefined ? null : sha256(`${purpose}\n${number}`).slice(0, 16);
}
