import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { installBackend } from "../../../../src/app/backends/install.ts";
import {
  listInstallations,
  requireInstallation,
} from "../../../../src/backend/native/installation.ts";
import { fakeMachine, refusal } from "./fake-tools.ts";

test("everything that is missing is named at once, each with what to do", async () => {
  const machine = fakeMachine();
  for (const name of ["g++", "python3", "npm", "tar"]) machine.replace(name, undefined);
  expect(await refusal(machine)).toBe(
    [
      "4 things are missing; nothing was fetched.",
      "  A C++ compiler is needed; none of g++, c++, clang++ was found on the PATH. Install one, such as with `apt-get install g++`, or set CXX to its path.",
      "  tar was not found on the PATH. Install it, such as with `apt-get install tar`.",
      "  Python 3 is needed to fetch TensorFlow: no python3 or python was found on the PATH. Install it, such as with `apt-get install python3 python3-pip`, or set LOCKSTEP_PYTHON to its path.",
      "  npm was not found on the PATH. It comes with Node.js; or fetch the packages elsewhere and hand them over with --from FOLDER.",
      "Then run the same command again.",
    ].join("\n"),
  );
  expect(machine.calls()).toEqual([]);
});

test("a full disk is named beside what else is missing", async () => {
  const machine = fakeMachine();
  machine.replace("tar", undefined);
  const parts = { ...machine.parts, neededBytes: { native: 1e18, cuda: 1e18 } };
  const text = await refusal({ ...machine, parts });
  expect(text).toMatch(
    /^2 things are missing.*takes about .* are free in .*\n.*tar was not found/su,
  );
});

test("a Python without pip is found before anything is fetched", async () => {
  const machine = fakeMachine();
  machine.replace(
    "python3",
    'case "$1" in --version) echo Python 3.9.1;; *) echo "python3: No module named pip" >&2; exit 1;; esac',
  );
  expect(await refusal(machine)).toContain("python3 has no pip.");
  expect(machine.calls()).toEqual([]);
});

test("a folder without TensorFlow's library or headers is refused before anything is fetched", async () => {
  const machine = fakeMachine();
  const path = join(machine.folder, "site-packages/tensorflow");
  mkdirSync(path, { recursive: true });
  const tensorflow = { kind: "folder", path } as const;
  expect(await refusal(machine, { tensorflow })).toContain(
    "…/site-packages/tensorflow has no libtensorflow_cc.so.2.",
  );
  writeFileSync(join(path, "libtensorflow_cc.so.2"), "");
  expect(await refusal(machine, { tensorflow })).toContain(
    "…/site-packages/tensorflow has no headers (tensorflow/include/tensorflow/c).",
  );
  expect(machine.calls()).toEqual([]);
});

test.each([
  ["no file", () => []],
  ["no library", (files: readonly unknown[]) => files.slice(0, 1)],
])("an installation whose manifest names %s is not used, and is replaced", async (_what, keep) => {
  const machine = fakeMachine();
  const { installation } = await installBackend(machine.request(), machine.parts);
  const path = join(installation.folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as { readonly files: readonly unknown[] };
  writeFileSync(path, JSON.stringify({ ...manifest, files: keep(manifest.files) }));
  const { variables } = machine.request();
  const problem = expect.stringContaining("its manifest does not name the file ");
  expect(listInstallations("native", variables)).toMatchObject([{ problem }]);
  expect(() => requireInstallation("native", variables)).toThrow("does not name the file");
  const again = await installBackend(machine.request(), machine.parts);
  expect(again.wasThere).toBe(false);
  expect(requireInstallation("native", variables).id).toBe(again.installation.id);
});
