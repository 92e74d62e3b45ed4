import { truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeMachine, refusal } from "./fake-tools.ts";

test("without Python nothing is downloaded", async () => {
  const machine = fakeMachine();
  machine.replace("python3", undefined);
  expect(await refusal(machine)).toBe(
    "Python 3 is needed to fetch TensorFlow: no python3 or python was found on the PATH.\n" +
      "Install it, such as with `apt-get install python3 python3-pip`, or set LOCKSTEP_PYTHON to its path.",
  );
  expect(machine.calls()).toEqual([]);
});

test("with a Python that is too old, or without pip", async () => {
  const machine = fakeMachine();
  machine.replace("python3", "echo Python 2.7.18");
  expect(await refusal(machine)).toContain("python3 is Python 2.7.18");
  machine.replace(
    "python3",
    'case "$1" in --version) echo Python 3.9.1;; *) echo "python3: No module named pip" >&2; exit 1;; esac',
  );
  expect(await refusal(machine)).toContain("python3 has no pip.");
});

test("without a network, from npm and from pip", async () => {
  const machine = fakeMachine();
  const failing = 'case "$1" in --version) echo Python 3.11;; *)';
  machine.replace(
    "python3",
    `${failing} echo "NewConnectionError: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution" >&2; exit 1;; esac`,
  );
  expect(await refusal(machine)).toBe(
    "pip did not get tensorflow-cpu==2.21.0: there is no way to the package registry.\n" +
      "Check the network and the proxy; or fetch the packages elsewhere and hand them over with --from FOLDER (see docs/installing-offline.md).",
  );
  // It tells the reason only where it may.
  machine.replace(
    "npm",
    'case "$*" in *--silent*) ;; *) echo "npm error code ENOTFOUND" >&2;; esac; exit 1',
  );
  machine.replace("python3", `${failing} exit 0;; esac`);
  expect(await refusal(machine)).toContain(
    "npm did not get sources@1.0.0: there is no way to the package registry.",
  );
});

test("a version that the registry does not have, with the newest that it has", async () => {
  const machine = fakeMachine();
  machine.replace(
    "python3",
    `case "$1" in --version) echo Python 3.11;; *) echo "ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.98.0 (from versions: 2.16.1, 2.16.2, 2.17.0, 2.18.0, 2.19.1, 2.20.0, 2.21.0)
ERROR: No matching distribution found for tensorflow-cpu==2.98.0" >&2; exit 1;; esac`,
  );
  expect(await refusal(machine)).toBe(
    `The package registry has no wheel of tensorflow-cpu==2.21.0 for Python 3.12 and ${process.arch}; it has up to 2.17.0, 2.18.0, 2.19.1, 2.20.0, 2.21.0.\n` +
      "Leave --tensorflow out: 2.21.0 is taken then; or check the registry that pip is set to.",
  );
});

test("half a download, of the package and of the wheel", async () => {
  const machine = fakeMachine();
  machine.replace(
    "python3",
    'case "$1" in --version) echo Python 3.11;; *) echo "IncompleteRead(10 bytes read, 90 more expected)" >&2; exit 2;; esac',
  );
  expect(await refusal(machine)).toContain(
    "pip got half of tensorflow-cpu==2.21.0, or something else than was published.",
  );
  machine.replace(
    "python3",
    `case "$1" in --version) echo Python 3.11;; *) echo "ERROR: Wheel 'tensorflow-cpu' located at /p/tensorflow_cpu.whl is invalid." >&2; exit 1;; esac`,
  );
  expect(await refusal(machine)).toContain(
    "pip got half of tensorflow-cpu==2.21.0, or something else than was published.",
  );
  truncateSync(join(machine.folder, "sources-1.0.0.tgz"), 40);
  expect(await refusal(machine)).toContain(
    "is not sources@1.0.0: its SHA-512 is another. Half a download, or another package.",
  );
});
