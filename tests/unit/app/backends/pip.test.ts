import { mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { callSlowTool } from "../../../../src/app/backends/tool.ts";
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
      "Check the network and the proxy. Or fetch the packages elsewhere and hand them over with --from FOLDER (see docs/installing-offline.md).",
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

/** A pip that ends with these words, on its error stream. */
function failingPip(said: string): string {
  return `case "$1" in --version) echo Python 3.11;; *) cat >&2 <<'EOF'\n${said}\nEOF\nexit 1;; esac`;
}

const noneFound = `ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0 (from versions: none)
ERROR: No matching distribution found for tensorflow-cpu==2.21.0`;

const offline =
  "Or fetch the packages elsewhere and hand them over with --from FOLDER (see docs/installing-offline.md).";

test("a version that the registry does not have, with the newest that it has", async () => {
  const machine = fakeMachine();
  const found = "(from versions: 2.16.1, 2.16.2, 2.17.0, 2.18.0, 2.19.1, 2.20.0)";
  const said = (version: string): string =>
    noneFound.replaceAll("2.21.0", version).replace("(from versions: none)", found);
  machine.replace("python3", failingPip(said("2.98.0")));
  const tensorflow = { kind: "version", version: "2.98.0" } as const;
  const has = `for Python 3.12 and ${process.arch}; it has up to 2.16.2, 2.17.0, 2.18.0, 2.19.1, 2.20.0.\n`;
  expect(await refusal(machine, { tensorflow })).toBe(
    `The package registry has no wheel of tensorflow-cpu==2.98.0 ${has}` +
      "Leave --tensorflow out: 2.21.0 is taken then; or check the registry that pip is set to.",
  );
  machine.replace("python3", failingPip(said("2.21.0")));
  expect(await refusal(machine)).toBe(
    `The package registry has no wheel of tensorflow-cpu==2.21.0 ${has}` +
      "Name one of those with --tensorflow; or check the registry that pip is set to.",
  );
});

test.each([
  [
    "NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f52>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')",
    "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
  ],
  [
    `ReadTimeoutError("HTTPSConnectionPool(host='pypi.org', port=443): Read timed out. (read timeout=20.0)")`,
    "HTTPSConnectionPool(host='pypi.org', port=443): Read timed out. (read timeout=20.0)",
  ],
])(
  "pip's words for no network are told before its 'no matching distribution'",
  async (error, why) => {
    const machine = fakeMachine();
    const retry = `WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by '${error}': /simple/tensorflow-cpu/`;
    machine.replace("python3", failingPip(`${retry}\n${noneFound}`));
    expect(await refusal(machine)).toBe(
      `pip did not get tensorflow-cpu==2.21.0: there is no way to the package registry (${why}).\n` +
        `Check the network and the proxy. ${offline}`,
    );
  },
);

test("a pip that is set to look nowhere: its settings are named, without what they hold", async () => {
  const machine = fakeMachine();
  machine.replace("python3", failingPip(noneFound));
  const { variables } = machine.request();
  const set = { PIP_NO_INDEX: "1", PIP_FIND_LINKS: "", PIP_INDEX_URL: "https://user:word@host/" };
  expect(await refusal(machine, { variables: { ...variables, ...set } })).toBe(
    "pip found no wheel of tensorflow-cpu==2.21.0, of any version, where it is set to look.\n" +
      "Check what pip is set to (`pip config list`, PIP_NO_INDEX, PIP_INDEX_URL): an index that has no such package, " +
      `or none at all. ${offline}`,
  );
});

test("a folder without the wheel: the command to fetch it fits that wheel and a shell", async () => {
  const machine = fakeMachine();
  const from = join(machine.folder, "packages");
  mkdirSync(from);
  for (const name of ["sources-1.0.0.tgz", "headers-1.0.0.tgz"])
    renameSync(join(machine.folder, name), join(from, name));
  writeFileSync(join(from, "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl"), "");
  machine.replace("python3", failingPip(noneFound));
  const command =
    "pip download --no-deps --only-binary=:all: --python-version=3.12 --implementation=cp --platform=manylinux_2_28_";
  expect(await refusal(machine, { from })).toMatch(
    "…/packages has no wheel of tensorflow-cpu==2.21.0; tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl " +
      `is not for Python 3.12, ${process.arch} and that version.\nWhere there is a network, run \`${command}`,
  );
  const cublas = "nvidia-cublas-cu12<13.0,>=12.5";
  const scripted = `case "$*" in *--version) echo Python 3.11; exit 0;; -c*) echo "${cublas}"; exit 0;; *nvidia*) echo "ERROR: No matching distribution found for ${cublas}" >&2; exit 1;; esac
while [ $# -gt 0 ]; do case "$1" in --dest) shift; mkdir -p "$1"; : > "$1/tensorflow-2.21.0.whl";; esac; shift; done`;
  machine.replace("python3", scripted);
  const text = await refusal(machine, { from, backend: "cuda" });
  expect(text).toContain(`…/packages has no wheel of ${cublas}.\n`);
  expect(text).toContain(` '${cublas}'\` and copy what it fetches into the folder.`);
});

test("a program that takes minutes says that it is still at work", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const told: string[] = [];
  const call = callSlowTool({
    program: "sh",
    args: ["-c", "exit 3"],
    directory: "/",
    variables: process.env,
    observe: (text) => told.push(text),
  });
  vi.advanceTimersByTime(45_000);
  expect((await call)?.status).toBe(3);
  vi.advanceTimersByTime(45_000);
  expect(told).toEqual(["  still at it after 20 s", "  still at it after 40 s"]);
});

test("pip and npm give a silent network up soon", async () => {
  const machine = fakeMachine();
  const said = 'echo "$*" >> "$FAKE_ROOT/arguments"; exit 1';
  const version = 'case "$*" in *--version) echo Python 3.11; exit 0;; esac;';
  const read = (): string => readFileSync(join(machine.folder, "arguments"), "utf8");
  machine.replace("python3", `${version} ${said}`);
  await refusal(machine);
  expect(read()).toContain(" --retries 1 --timeout 20 ");
  machine.replace("npm", `${version} ${said}`);
  await refusal(machine);
  expect(read()).toMatch(/ --prefer-offline --fetch-retries=1 .* --fetch-timeout=30000 /u);
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
