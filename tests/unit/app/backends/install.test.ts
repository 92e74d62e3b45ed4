import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { installBackend } from "../../../../src/app/backends/install.ts";
import { removeInstallations } from "../../../../src/app/backends/publish.ts";
import { readTensorflowSource } from "../../../../src/app/backends/wheel.ts";
import {
  findInstallation,
  listInstallations,
  requireInstallation,
} from "../../../../src/backend/native/installation.ts";
import { productsPath } from "../../../../src/backend/native/manifest.ts";
import { ExpError, formatError } from "../../../../src/core/errors.ts";
import { examine } from "../../../../src/app/backends/doctor.ts";
import { sha256 } from "../../../../src/core/hash.ts";
import { fakeMachine, leftOvers, refusal } from "./fake-tools.ts";

test("an installation has a manifest with every file's digest, and no headers", async () => {
  const machine = fakeMachine();
  const { installation, wasThere } = await installBackend(machine.request(), machine.parts);
  expect(wasThere).toBe(false);
  expect(installation.id).toBe(`tensorflow-2.21.0-x64-${sha256("library\n").slice(0, 8)}`);
  expect(installation.manifest).toMatchObject({
    backend: "native",
    tensorflow: "2.21.0",
    request: "tensorflow-cpu==2.21.0",
    nodeApi: 8,
    compiler: "g++ (fake) 12",
    libraryFolders: [],
    files: [
      { path: productsPath, bytes: 6, sha256: sha256("addon\n") },
      { path: "addon/tfjs_binding.node", bytes: 6, sha256: sha256("addon\n") },
      { path: "tensorflow/libtensorflow_cc.so.2", bytes: 8, sha256: sha256("library\n") },
      { path: "tensorflow/libtensorflow_framework.so.2", sha256: sha256("framework\n") },
    ],
  });
  expect(requireInstallation("native", machine.request().variables).id).toBe(installation.id);
  expect(leftOvers(machine)).toEqual([installation.id]);
});

test("a second installation does nothing, and --rebuild does everything again", async () => {
  const machine = fakeMachine();
  await installBackend(machine.request(), machine.parts);
  const numCalls = machine.calls().length;
  const again = await installBackend(machine.request(), machine.parts);
  expect(again.wasThere).toBe(true);
  expect(machine.calls().length).toBe(numCalls);
  const rebuilt = await installBackend(machine.request({ rebuild: true }), machine.parts);
  expect(rebuilt.wasThere).toBe(false);
  expect(machine.calls().length).toBe(numCalls * 2);
  expect(leftOvers(machine)).toEqual([rebuilt.installation.id]);
});

test("--rebuild replaces an installation whose files have the right length and other bytes", async () => {
  const machine = fakeMachine();
  const { installation } = await installBackend(machine.request(), machine.parts);
  const addon = join(installation.folder, "addon/tfjs_binding.node");
  writeFileSync(addon, "NODDA\n");
  await installBackend(machine.request({ rebuild: true }), machine.parts);
  expect(readFileSync(addon, "utf8")).toBe("addon\n");
  expect(leftOvers(machine)).toEqual([installation.id]);
});

test.each(["addon/tfjs_binding.node", productsPath])(
  "%s with other bytes of the same length is named, with the command that makes it anew",
  async (path) => {
    const machine = fakeMachine();
    const { variables } = machine.request();
    const { installation } = await installBackend(machine.request(), machine.parts);
    writeFileSync(join(installation.folder, path), "NODDA\n");
    const problem = `its file ${path} is not what was installed: its SHA-256 is another one.`;
    expect(() => requireInstallation("native", variables)).toThrow(
      expect.objectContaining({
        message: `The backend native cannot be used: ${problem}`,
        hint: `Run \`exp backend install native --rebuild\`; it lies in ${installation.folder}.`,
      }),
    );
    const findings = await examine({ variables, workingDirectory: "/" });
    expect(findings.find(({ topic }) => topic === "native")).toEqual({
      topic: "native",
      status: "wrong",
      text: `cannot be used: ${problem}`,
      hint: "exp backend install native --rebuild",
    });
  },
);

test("one with products of another version's text is named, and installing it again makes ours", async () => {
  const machine = fakeMachine();
  const { variables } = machine.request();
  const { installation } = await installBackend(machine.request(), machine.parts);
  const manifest = join(installation.folder, "manifest.json");
  const before = "addon/products-01234567.node";
  renameSync(join(installation.folder, productsPath), join(installation.folder, before));
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace(productsPath, before));
  expect(() => requireInstallation("native", variables)).toThrow(
    `The backend native cannot be used: its manifest does not name the file ${productsPath}.`,
  );
  const mended = await installBackend(machine.request(), machine.parts);
  expect(mended.wasThere).toBe(false);
  expect(requireInstallation("native", variables).id).toBe(mended.installation.id);
});

test("cuda has no products of ours", async () => {
  const machine = fakeMachine();
  const { installation } = await installBackend(
    machine.request({ backend: "cuda" }),
    machine.parts,
  );
  expect(installation.manifest.files.map(({ path }) => path)).not.toContain(productsPath);
});

test("cuda brings the CUDA wheels that the wheel names, and their folders in the order of the search", async () => {
  const machine = fakeMachine();
  const request = machine.request({ backend: "cuda" });
  const { installation } = await installBackend(request, machine.parts);
  expect(machine.told).toContain("downloading nvidia-cublas-cu12<13.0,>=12.5");
  expect(installation.manifest.request).toBe("tensorflow==2.21.0");
  expect(installation.manifest.libraryFolders).toEqual(["nvidia/cublas/lib"]);
});

test("a broken installation is not used, is named, and is replaced", async () => {
  const machine = fakeMachine();
  const { variables } = machine.request();
  const { installation } = await installBackend(machine.request(), machine.parts);
  truncateSync(join(installation.folder, "tensorflow/libtensorflow_cc.so.2"), 3);
  expect(findInstallation("native", variables)).toBe(undefined);
  expect(() => requireInstallation("native", variables)).toThrow(
    "The backend native cannot be used: its file tensorflow/libtensorflow_cc.so.2 has 3 bytes instead of 8.",
  );
  const mended = await installBackend(machine.request(), machine.parts);
  expect(mended.wasThere).toBe(false);
  expect(requireInstallation("native", variables).id).toBe(mended.installation.id);
  expect(leftOvers(machine)).toEqual([installation.id]);
});

test("an installation whose manifest is damaged is named, and replaced without being removed first", async () => {
  const machine = fakeMachine();
  const { variables } = machine.request();
  const { installation } = await installBackend(machine.request(), machine.parts);
  for (const text of ["", "{}", '{"format":"lockstep/backend/1","files":[']) {
    writeFileSync(join(installation.folder, "manifest.json"), text);
    expect(listInstallations("native", variables)).toEqual([]);
    expect(() => requireInstallation("native", variables)).toThrow(
      /^The backend native cannot be used: .*manifest\.json is no lockstep\/backend\/1\.$/u,
    );
    const mended = await installBackend(machine.request(), machine.parts);
    expect(mended.wasThere).toBe(false);
    expect(requireInstallation("native", variables).id).toBe(mended.installation.id);
    expect(leftOvers(machine)).toEqual([mended.installation.id]);
  }
});

test("without its manifest a folder is no installation", async () => {
  const machine = fakeMachine();
  const { installation } = await installBackend(machine.request(), machine.parts);
  rmSync(join(installation.folder, "manifest.json"));
  expect(() => requireInstallation("native", machine.request().variables)).toThrow(
    "The backend native is not installed on this machine.",
  );
});

test("an addon of another machine or another Node.js is named, with the command that rebuilds it", async () => {
  const machine = fakeMachine();
  const { variables } = machine.request();
  await installBackend(machine.request(), machine.parts);
  const host = { platform: "linux", arch: process.arch, nodeApi: 9, hasGpuDriver: true };
  const problem = (changes: Partial<typeof host>): string => {
    try {
      requireInstallation("native", variables, { ...host, ...changes });
    } catch (error) {
      return formatError(error as ExpError).replaceAll(machine.folder, "…");
    }
    return "";
  };
  expect(problem({})).toBe("");
  expect(problem({ nodeApi: 7 })).toContain(
    "its addon was compiled for Node-API 8, and this Node.js has 7.",
  );
  expect(problem({ arch: "arm64" })).toContain(
    `its addon was compiled for linux-${process.arch}, and this Node.js is linux-arm64.`,
  );
  expect(problem({ arch: "arm64" })).toContain("exp backend install native --rebuild");
});

test("cuda that is not installed: a missing driver is told before gigabytes are fetched", () => {
  const { variables } = fakeMachine().request();
  const host = { platform: "linux", arch: process.arch, nodeApi: 9 };
  const refusal = (hasGpuDriver: boolean): string => {
    try {
      requireInstallation("cuda", variables, { ...host, hasGpuDriver });
    } catch (error) {
      return formatError(error as ExpError);
    }
    return "";
  };
  expect(refusal(false)).toBe(
    "The backend cuda is not installed on this machine, and no driver of an NVIDIA GPU is loaded, which it computes on.\n" +
      "`exp doctor` says what else is missing. Install the driver, then run `exp backend install cuda`; or leave backend out: then wasm is taken.",
  );
  expect(refusal(true)).toBe(
    "The backend cuda is not installed on this machine.\n" +
      "Run `exp backend install cuda`, or leave backend out: then wasm is taken.",
  );
});

test("two at once end with one whole installation", async () => {
  const machine = fakeMachine();
  machine.replace(
    "tar",
    `sleep 0.1; exec ${execFileSync("sh", ["-c", "command -v tar"], { encoding: "utf8" }).trim()} "$@"`,
  );
  const both = [1, 2, 3].map(() => installBackend(machine.request(), machine.parts));
  const outcomes = await Promise.all(both);
  const ids = new Set(outcomes.map(({ installation }) => installation.id));
  expect(ids.size).toBe(1);
  expect(leftOvers(machine)).toEqual([...ids]);
  expect(requireInstallation("native", machine.request().variables).id).toBe([...ids][0]);
});

test("stopped at any program, nothing is left, and the next installation works", async () => {
  const machine = fakeMachine();
  for (let stopAt = 0; stopAt < 12; stopAt++) {
    const controller = new AbortController();
    let step = 0;
    const observe = (): void => {
      if (step++ === stopAt) controller.abort();
    };
    const request = machine.request({ observe, signal: controller.signal });
    const outcome = await installBackend(request, machine.parts).catch((error: unknown) => error);
    if (step <= stopAt) break; // past the last one
    expect(outcome).toMatchObject({ code: "interrupted" });
    expect(leftOvers(machine)).toEqual([]);
  }
  const { wasThere } = await installBackend(machine.request({ rebuild: true }), machine.parts);
  expect(wasThere).toBe(false);
});

test("without a compiler nothing is downloaded", async () => {
  const machine = fakeMachine();
  machine.replace("g++", undefined);
  expect(await refusal(machine)).toBe(
    "A C++ compiler is needed; none of g++, c++, clang++ was found on the PATH.\n" +
      "Install one, such as with `apt-get install g++`, or set CXX to its path.",
  );
  expect(machine.calls()).toEqual([]);
});

test("a full disk, told before and met on the way", async () => {
  const machine = fakeMachine();
  machine.replace(
    "python3",
    'case "$1" in --version) echo Python 3.11;; *) echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" >&2; exit 1;; esac',
  );
  expect(await refusal(machine)).toBe(
    "pip did not get tensorflow-cpu==2.21.0: the disk is full.\n" +
      "Free some room, or set LOCKSTEP_CACHE to a folder on another disk (temporary files lie there too; npm's own are where npm_config_cache says); nothing half-installed is left behind.",
  );
  const parts = { ...machine.parts, neededBytes: { native: 1e18, cuda: 1e18 } };
  await expect(installBackend(machine.request(), parts)).rejects.toThrow(
    /^The backend native takes about .* while it is installed, and .* are free in /u,
  );
});

test("a wheel without headers, or that is no wheel of TensorFlow's library", async () => {
  const machine = fakeMachine();
  const version =
    'if [ "$1" = --version ]; then echo Python 3.11; exit 0; fi; if [ "$1" != -c ]; then';
  const download =
    'while [ $# -gt 0 ]; do case "$1" in --dest) shift; mkdir -p "$1"; : > "$1/tensorflow_cpu-x.whl";; esac; shift; done; exit 0; fi';
  machine.replace(
    "python3",
    `${version} ${download}; mkdir -p "$3/tensorflow"; echo l > "$3/tensorflow/libtensorflow_cc.so.2"`,
  );
  expect(await refusal(machine)).toContain(
    "TensorFlow 2.21.0 has no headers (tensorflow/include/tensorflow/c).",
  );
  machine.replace("python3", `${version} ${download}; mkdir -p "$3/tensorflow"`);
  expect(await refusal(machine)).toContain("TensorFlow 2.21.0 has no libtensorflow_cc.so.2.");
});

test("what the compiler says is told by its last lines", async () => {
  const machine = fakeMachine();
  machine.replace(
    "g++",
    'if [ "$1" = --version ]; then echo g++ 4; exit 0; fi; i=0; while [ $i -lt 500 ]; do echo "error: line $i" >&2; i=$((i+1)); done; exit 1',
  );
  const text = await refusal(machine);
  expect(text).toContain("g++ did not compile the addon (status 1).");
  expect(text).toContain("error: line 499");
});

test("an addon that crashes when it is tried is not installed", async () => {
  const machine = fakeMachine();
  const parts = {
    ...machine.parts,
    probe: () =>
      Promise.reject(
        new ExpError("environment", "The backend native crashed when it was tried (SIGSEGV)."),
      ),
  };
  await expect(installBackend(machine.request(), parts)).rejects.toThrow("SIGSEGV");
  expect(leftOvers(machine)).toEqual([]);
});

test("--from that names no folder", async () => {
  const machine = fakeMachine();
  const from = join(machine.folder, "calls");
  expect(await refusal(machine, { from })).toContain("--from …/calls: no such folder.");
  expect(await refusal(machine, { from: "/nowhere" })).toContain(
    "--from /nowhere: no such folder.",
  );
});

test("--from takes everything from a folder and says what is missing there", async () => {
  const machine = fakeMachine();
  const from = join(machine.folder, "packages");
  mkdirSync(from);
  const give = (name: string): void =>
    writeFileSync(join(from, name), readFileSync(join(machine.folder, name)));
  expect(await refusal(machine, { from })).toMatch(
    /^2 things are missing.*sources-1\.0\.0\.tgz; no \.tgz is there.*headers-1\.0\.0\.tgz/su,
  );
  give("headers-1.0.0.tgz");
  expect(await refusal(machine, { from })).toBe(
    "…/packages has no sources-1.0.0.tgz; there are headers-1.0.0.tgz.\n" +
      "Where there is a network, run `npm pack sources@1.0.0` and copy the file.",
  );
  give("sources-1.0.0.tgz");
  machine.replace("npm", "exit 9");
  const { wasThere } = await installBackend(machine.request({ from }), machine.parts);
  expect(wasThere).toBe(false);
  expect(machine.told).toContain("taking tensorflow-cpu==2.21.0");
});

test("an installed TensorFlow is copied, so that its update changes nothing here", async () => {
  const machine = fakeMachine();
  const path = join(machine.folder, "site-packages/tensorflow");
  mkdirSync(join(path, "include/tensorflow/c"), { recursive: true });
  for (const name of [
    "libtensorflow_cc.so.2",
    "libtensorflow_framework.so.2",
    "include/tensorflow/c/c_api.h",
  ])
    writeFileSync(join(path, name), name);
  const tensorflow = readTensorflowSource(join(machine.folder, "site-packages"));
  expect(tensorflow).toEqual({ kind: "folder", path });
  const { installation } = await installBackend(machine.request({ tensorflow }), machine.parts);
  writeFileSync(join(path, "libtensorflow_cc.so.2"), "another");
  expect(requireInstallation("native", machine.request().variables).id).toBe(installation.id);
});

test("only TensorFlow 2.16 and newer, and only what is there", () => {
  expect(readTensorflowSource(undefined)).toEqual({ kind: "version", version: "2.21.0" });
  expect(readTensorflowSource("2.16.1")).toEqual({ kind: "version", version: "2.16.1" });
  expect(() => readTensorflowSource("2.15.1")).toThrow(
    "TensorFlow 2.15.1 is too old; expected 2.16 or newer.",
  );
  expect(() => readTensorflowSource("/no/such.whl")).toThrow("no such file or folder");
});

test("removing takes all, and the mark of the one in use with it", async () => {
  const machine = fakeMachine();
  const { installation } = await installBackend(machine.request(), machine.parts);
  const { variables } = machine.request();
  expect(removeInstallations("native", () => true, variables)).toEqual([installation.id]);
  expect(readdirSync(join(machine.folder, "cache/backends/native"))).toEqual([]);
  expect(removeInstallations("native", () => true, variables)).toEqual([]);
});

test("a cache that cannot be written", async () => {
  const machine = fakeMachine();
  writeFileSync(join(machine.folder, "cache"), "a file");
  onTestFinished(() => rmSync(join(machine.folder, "cache"), { force: true }));
  const outcome = installBackend(machine.request(), machine.parts);
  await expect(outcome).rejects.toMatchObject({ code: "environment" });
});
