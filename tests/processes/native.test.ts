/** Runs on `native`: refused where it is not installed, whole where its addon is not, and repeatable where it is. */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { availableCores } from "../../src/backend/host-limits.ts";
import { nativeVariables } from "../../src/backend/native/environment.ts";
import { findInstallation, requireInstallation } from "../../src/backend/native/installation.ts";
import { addonPath, productsPath } from "../../src/backend/native/manifest.ts";
import { sha256 } from "../../src/core/hash.ts";
import { fakeBackend, hasCompiler } from "../end-to-end/fake-backend.ts";
import {
  createProject,
  document,
  exp,
  publishedRuns,
  repository,
  tinyProject,
  type Project,
} from "../end-to-end/project.ts";

const file = "experiments/tiny.ts";
const isInstalled = findInstallation("native", process.env) !== undefined;
if (!isInstalled)
  process.stderr.write("The backend native is not installed: its runs are not tested.\n");

test("without an installation, plan, check and run say how to get one", async () => {
  const project = createProject(tinyProject);
  const environment = { LOCKSTEP_CACHE: join(project.directory, "cache") };
  for (const command of ["plan", "check", "run"]) {
    const { status, stderr } = await exp(project, [command, file, "backend=native"], {
      environment,
    });
    expect(status).toBe(2);
    expect(stderr).toContain("The backend native is not installed on this machine.");
    expect(stderr).toContain("exp backend install native");
  }
  expect(publishedRuns(project)).toEqual([]);
});

describe.runIf(hasCompiler())("an addon that is not whole", () => {
  test("that crashes fails the run with its signal, and the next start works", async () => {
    const project = createProject(tinyProject);
    const environment = fakeBackend(
      project.directory,
      "#include <signal.h>\n__attribute__((constructor)) static void die(void) { raise(SIGSEGV); }",
    );
    const crashed = await exp(project, [file, "backend=native"], { environment });
    expect(crashed.status).toBe(1);
    expect(crashed.stderr).toMatch(
      /The process that checked the runs \(\d+\) was ended by SIGSEGV\./u,
    );
    expect(crashed.stderr).toContain("exp backend test native");
    expect(publishedRuns(project)).toEqual([]);
    const tested = await exp(project, ["backend", "test", "native"], { environment });
    expect(tested.status).toBe(2);
    const next = await exp(project, [file, "backend=wasm"], { environment });
    expect(next.status).toBe(0);
  });

  test("that was compiled for another TensorFlow is named, with the command that rebuilds it", async () => {
    const project = createProject(tinyProject);
    const environment = fakeBackend(
      project.directory,
      "extern int TF_NoSuchFunction(void);\n__attribute__((constructor)) static void go(void) { TF_NoSuchFunction(); }",
    );
    const { status, stderr } = await exp(project, [file, "backend=native"], { environment });
    expect(status).toBe(2);
    expect(stderr).toContain("undefined symbol: TF_NoSuchFunction");
    expect(stderr).toContain(
      "The addon was compiled for another TensorFlow than the library beside it.",
    );
    expect(stderr).toContain("exp backend install native --rebuild");
  });

  test("whose files changed since is found by exp backend test", async () => {
    const project = createProject(tinyProject);
    const environment = fakeBackend(project.directory, "int nothing;");
    const { status, stderr } = await exp(project, ["backend", "test", "native"], { environment });
    expect(status).toBe(2);
    expect(stderr).toContain("tensorflow/libtensorflow_cc.so.2 is not what was installed.");
  });

  test("whose manifest is damaged is listed with what mends it", async () => {
    const project = createProject(tinyProject);
    const environment = fakeBackend(project.directory, "int nothing;");
    const folder = join(project.directory, "backends/native/tensorflow-2.21.0-fake");
    writeFileSync(join(folder, "manifest.json"), '{"format":');
    const { status, stdout } = await exp(project, ["backend", "list"], { environment });
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^native cannot be used: .*manifest\.json .*Run `exp backend install native`, which replaces it\.\n$/u,
    );
  });
});

/** An installation whose products do not load, though their digest is that of its manifest; its library is the installed one. */
function withoutProducts(cache: string): string {
  const installation = findInstallation("native", process.env);
  if (installation === undefined) throw new Error("native is not installed");
  const folder = join(cache, "backends/native", installation.id);
  mkdirSync(join(folder, "addon"), { recursive: true });
  symlinkSync(join(installation.folder, "tensorflow"), join(folder, "tensorflow"));
  copyFileSync(join(installation.folder, addonPath), join(folder, addonPath));
  writeFileSync(join(folder, productsPath), "no products");
  const own = { path: productsPath, bytes: 11, sha256: sha256("no products") };
  const files = installation.manifest.files.map((one) => (one.path === productsPath ? own : one));
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ ...installation.manifest, files }));
  writeFileSync(join(cache, "backends/native/in-use"), `${installation.id}\n`);
  return cache;
}

describe.runIf(isInstalled)("where it is installed", () => {
  test("exp doctor tries dense models as runs compute them, and finds products that do not load", async () => {
    const project = createProject(tinyProject);
    const well = await exp(project, ["doctor", "--json"]);
    expect(JSON.parse(well.stdout).backends).toMatchObject([
      { backend: "wasm" },
      { backend: "cpu" },
      { backend: "native", repeats: true },
      { backend: "native", models: "dense", repeats: true, sameWithOneThread: true },
    ]);
    const environment = { LOCKSTEP_CACHE: withoutProducts(join(project.directory, "cache")) };
    const broken = await exp(project, ["doctor"], { environment });
    expect(broken.status).toBe(1);
    expect(broken.stdout).toMatch(/^native +wrong +does not compute: TensorFlow/mu);
    expect(broken.stdout).toMatch(/^native, dense models +wrong +.*products-\w+\.node\): /mu);
    expect(broken.stdout).toContain("exp backend install native --rebuild");
    const tested = await exp(project, ["backend", "test", "native"], { environment });
    expect(tested.status).toBe(2);
    expect(tested.stderr).toContain("exp backend install native --rebuild");
  });

  const weights = (directory: string): Buffer =>
    readFileSync(join(directory, "checkpoints/last.safetensors"));

  test("two processes give the same bits, with one job or two, and record how they were started", async () => {
    const project = createProject(tinyProject);
    const args = [file, "backend=native", "threads=2", "seed=1,2", "--json"];
    const first = await exp(project, [...args, "--runs-dir", "first"]);
    expect(first.stderr).not.toContain("oneDNN custom operations");
    const second = await exp(project, [...args, "--runs-dir", "second", "--jobs", "2"]);
    const [one, two] = [document(first), document(second)].map(({ runs }) =>
      runs.map(({ directory }) => join(project.directory, directory)),
    );
    expect(one?.length).toBe(2);
    for (const [index, directory] of (one ?? []).entries()) {
      const other = two?.[index] ?? "";
      expect(weights(other).equals(weights(directory))).toBe(true);
      expect(readFileSync(join(other, "manifest.json"), "utf8")).toBe(
        readFileSync(join(directory, "manifest.json"), "utf8"),
      );
      const environment = JSON.parse(readFileSync(join(directory, "environment.json"), "utf8"));
      expect(environment.backend).toMatchObject({
        name: "native",
        threads: 2,
        variables: { TF_NUM_INTRAOP_THREADS: "1", TF_DETERMINISTIC_OPS: "1" },
      });
    }
  });

  test("a small model takes one thread, which the output, the class and the record say", async () => {
    const project = createProject(tinyProject);
    const { stderr, ...rest } = await exp(project, [file, "backend=native", "--json"]);
    expect(stderr).toContain("1 run on native, 1 thread\n");
    const [run] = document({ stderr, ...rest }).runs;
    const directory = join(project.directory, run?.directory ?? "");
    const environment = JSON.parse(readFileSync(join(directory, "environment.json"), "utf8"));
    const variables = { TF_NUM_INTRAOP_THREADS: "1" };
    const wasmThreads = availableCores();
    expect(environment.backend).toMatchObject({ threads: 1, wasmThreads, variables });
    expect(readFileSync(join(directory, "attempt.json"), "utf8")).toContain("/threads-1");
  });

  test("a script predicts with its model on wasm, and in a process that was started for it with the run's own bits", async () => {
    const texts = ["good film", "bad thing at all"];
    const project = createProject({
      ...tinyProject,
      "new.tsv": `${texts.join("\n")}\n`,
      "script.ts": `import { loadModel } from "lockstep";
const [, , run, ...backend] = process.argv;
const model = await loadModel(run, backend.length === 0 ? {} : { backend: backend[0] });
console.log(JSON.stringify({ backend: model.backend, rows: await model.predict(${JSON.stringify(texts)}) }));`,
    });
    const settings = [file, "backend=native", "threads=2", "--json"];
    const [run] = document(await exp(project, settings)).runs;
    const { directory } = run ?? { directory: "" };
    const asked = ["mode=predict", `checkpoint=./${directory}`, "data.predict=new.tsv"];
    const [predicted] = document(await exp(project, [...settings, ...asked])).runs;
    const rows = readFileSync(
      join(project.directory, predicted?.directory ?? "", "results/predictions.jsonl"),
      "utf8",
    );
    const expected = rows
      .trim()
      .split("\n")
      .map((row) => (JSON.parse(row) as Prediction).probabilities);
    const here = await script(project, [directory], {});
    expect(here.backend).toBe("wasm");
    for (const [index, { probabilities }] of here.rows.entries()) {
      for (const [label, value] of probabilities.entries())
        expect(value).toBeCloseTo(expected[index]?.[label] ?? NaN, 5);
    }
    const installation = requireInstallation("native", process.env);
    const own = { ...nativeVariables({ installation, threads: 2 }, process.env) };
    const there = await script(project, [directory, "native"], { ...own, LOCKSTEP_THREADS: "2" });
    expect(there.backend).toBe("native");
    expect(there.rows.map(({ probabilities }) => probabilities)).toEqual(expected);
    await expect(script(project, [directory, "native"], {})).rejects.toThrow(
      "The backend native computes only in a process that was started for it, with TF_NUM_INTRAOP_THREADS=",
    );
  });

  test("exp check measures in a process of its own", async () => {
    const project = createProject(tinyProject);
    const { status, stdout, stderr } = await exp(project, ["check", file, "backend=native"]);
    expect({ status, stderr: stderr.includes("Error") }).toEqual({ status: 0, stderr: false });
    expect(stdout).toContain("1 run checked, nothing wrong");
  });
});

interface Prediction {
  readonly probabilities: readonly number[];
}

/** What a user's script prints, in a process with these variables. */
async function script(
  { directory }: Project,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly backend: string; readonly rows: readonly Prediction[] }> {
  const tsx = join(repository, "node_modules/tsx/dist/loader.mjs");
  const { stdout } = await execa(process.execPath, ["--import", tsx, "script.ts", ...args], {
    cwd: directory,
    env: { ...variables, LOCKSTEP_RUNS: "", NO_COLOR: "1" },
  });
  return JSON.parse(stdout.split("\n").at(-1) ?? "");
}
