import type * as fs from "node:fs";
import { accessSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { installBackend } from "../../../../src/app/backends/install.ts";
import { removeBackends } from "../../../../src/app/backends/manage.ts";
import { formatError, isExpError } from "../../../../src/core/errors.ts";
import { fakeMachine, refusal } from "./fake-tools.ts";

// The user of the tests may be root, whom no mode of a folder keeps out: a disk mounted read-only is made up.
vi.mock("node:fs", async (original) => {
  const real = await original<typeof fs>();
  return {
    ...real,
    accessSync: vi.fn<typeof real.accessSync>(real.accessSync),
    mkdtempSync: vi.fn<typeof real.mkdtempSync>(real.mkdtempSync),
  };
});

function fails(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: no way, '/c'`), { code, syscall: "access" });
  };
}

test("a cache on a disk that is mounted read-only is told before anything is fetched", async () => {
  const machine = fakeMachine();
  vi.mocked(accessSync).mockImplementationOnce(fails("EROFS"));
  expect(await refusal(machine)).toBe(
    "The cache cannot be written: … (read-only file system).\n" +
      "Mount it writable, or set LOCKSTEP_CACHE to another folder.",
  );
  vi.mocked(accessSync).mockImplementationOnce(fails("EACCES"));
  expect(await refusal(machine)).toBe(
    "The cache cannot be written: ….\n" +
      "Give yourself the right to write there, or set LOCKSTEP_CACHE to another folder.",
  );
  expect(machine.calls()).toEqual([]);
});

test("what is in use already needs no writing, and removing it says why it cannot", async () => {
  const machine = fakeMachine();
  const { variables } = machine.request();
  const { installation } = await installBackend(machine.request(), machine.parts);
  onTestFinished(() => void vi.mocked(mkdtempSync).mockReset());
  vi.mocked(mkdtempSync).mockImplementation(fails("EROFS"));
  const again = await installBackend(machine.request(), machine.parts);
  expect(again).toMatchObject({ wasThere: true, installation: { id: installation.id } });
  writeFileSync(join(machine.folder, "cache/backends/native/in-use"), "another\n");
  const calls: readonly (() => unknown)[] = [
    () => installBackend(machine.request(), machine.parts),
    () => removeBackends("native", variables),
  ];
  for (const call of calls) {
    const error: unknown = await Promise.resolve()
      .then(call)
      .catch((thrown: unknown) => thrown);
    expect(isExpError(error) ? `${error.code}: ${formatError(error)}` : error).toMatch(
      /^environment: The cache cannot be written: EROFS: no way, '\/c'\.\nMount it writable, or set LOCKSTEP_CACHE/u,
    );
  }
});

test("the programs keep their temporary files where room was found, whatever is left in TMPDIR", async () => {
  const machine = fakeMachine();
  const full = join(machine.folder, "full");
  mkdirSync(full);
  machine.replace(
    "g++",
    `[ "$1" = --version ] && { echo g++ 12; exit 0; }
[ "$TMPDIR" = "${full}" ] && { echo "Cannot create temporary file in ${full}/: No space left on device" >&2; exit 1; }
echo x > "$TMPDIR/a" || exit 1
while [ $# -gt 0 ]; do case "$1" in -o) shift; echo addon > "$1";; esac; shift; done`,
  );
  const { variables } = machine.request();
  const outcome = await installBackend(
    machine.request({ variables: { ...variables, TMPDIR: full } }),
    machine.parts,
  );
  expect(outcome.wasThere).toBe(false);
});

test.each([
  ["g++: error: unrecognized command-line option '-std=c++17'", "1", "(status 1)"],
  ["g++: error: unrecognized command-line option '-mavx512f'", "1", "(status 1)"],
  ["", "crash", "(SIGSEGV)"],
])("a compiler that says %j: which ones work, and how to name one", async (said, end, how) => {
  const machine = fakeMachine();
  machine.replace(
    "g++",
    `[ "$1" = --version ] && { echo g++ 4; exit 0; }; echo "${said}" >&2; [ ${end} = crash ] && kill -SEGV $$; exit 1`,
  );
  const text = await refusal(machine);
  expect(text).toContain(`g++ did not compile the addon ${how}.`);
  expect(text).toContain("-mavx512f: g++ 12 and clang 14 do.");
  expect(text).toContain("`CXX=g++-12 exp backend install native`");
});

test("a compiler that makes the addon and not the products", async () => {
  const machine = fakeMachine();
  machine.replace(
    "g++",
    `[ "$1" = --version ] && { echo g++ 8; exit 0; }
case "$*" in *-mavx512f*) echo "unrecognized command-line option" >&2; exit 1;; esac
while [ $# -gt 0 ]; do case "$1" in -o) shift; echo addon > "$1";; esac; shift; done`,
  );
  const text = await refusal(machine);
  expect(text).toContain("g++ did not compile products (status 1).");
  expect(text).toContain("`CXX=g++-12 exp backend install native`");
});
