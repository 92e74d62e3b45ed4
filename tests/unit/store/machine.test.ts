import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { machineIdentity } from "../../../src/store/machine.ts";
import { currentProcess, processState } from "../../../src/store/process-facts.ts";

const number = "0123456789abcdef0123456789abcdef";
const outermost = "pid:[4026531836]";

function identity(
  files: Readonly<Record<string, string>>,
  pidNamespace: string | null = outermost,
): string | null {
  return machineIdentity(pidNamespace, { variables: {}, read: (path) => files[path] });
}

test("a machine is told by the hash of its number, and never by the number", () => {
  const own = identity({ "/etc/machine-id": `${number}\n` });
  expect(own).toBe(sha256(`lockstep/machine/1\n${number}`).slice(0, 16));
  expect(identity({ "/var/lib/dbus/machine-id": number })).toBe(own);
  expect(identity({ "/etc/machine-id": number.replace("0", "f") })).not.toBe(own);
});

test.each([
  ["has none", {}, outermost],
  ["has one that was not drawn yet", { "/etc/machine-id": "uninitialized\n" }, outermost],
  ["has nothing but zeros", { "/etc/machine-id": "0".repeat(32) }, outermost],
  ["counts processes in a space of its own", { "/etc/machine-id": number }, "pid:[4026532210]"],
  ["does not tell its space", { "/etc/machine-id": number }, null],
  ["is a container of an image", { "/etc/machine-id": number, "/.dockerenv": "" }, outermost],
])("nothing is known that only this machine has where it %s", (_, files, pidNamespace) => {
  expect(identity(files, pidNamespace)).toBeNull();
});

test("another machine of the same name is not taken for this one before its last boot", () => {
  const here = { ...currentProcess(), bootId: "now", machine: "one" };
  const before = { ...here, bootId: "before" };
  expect(processState(before, here)).toBe("dead");
  expect(processState({ ...before, machine: "other" }, here)).toBe("unknown");
  expect(processState({ ...before, host: "other" }, here)).toBe("unknown");
  const container = { ...here, machine: null };
  expect(processState({ ...before, machine: null }, container)).toBe("unknown");
  expect(processState(here, here)).toBe("alive");
});
