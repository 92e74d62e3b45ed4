/**
 * How fast the configuration language is, on a project of 200 keys, five unions of four members and 20 presets:
 * `pnpm bench:config`. With `HYDRA_PYTHON` naming a Python that has hydra-core, the same config is printed by Hydra's
 * `--cfg job` in turn with `exp resolve`, after both outputs were found equal. Medians, with quartiles in brackets.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseOverride } from "../../src/config/override.ts";
import { canonicalJson } from "../../src/core/canonical-json.ts";
import { resolve } from "../../src/index.ts";
import { numKeys } from "./large-project.ts";
import { writeLargeProject } from "./large-project-folder.ts";
import { openEditor } from "./language-service.ts";
import { printTable, quartiles, spread, type Row } from "./table.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const here = fileURLToPath(new URL(".", import.meta.url));
const numColdRuns = Number(process.env["COLD_RUNS"] ?? 15);

interface Process {
  readonly seconds: number;
  readonly stdout: string;
  readonly peakMiB: number;
}

/** A whole process, from its start to its end. */
function measureProcess(command: string, args: readonly string[], cwd: string): Process {
  const peak = join(cwd, ".peak-memory");
  const environment = { ...process.env, NO_COLOR: "1", PEAK_MEMORY_FILE: peak };
  const start = performance.now();
  const result = spawnSync(command, args, {
    cwd,
    env: environment,
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  const seconds = (performance.now() - start) / 1000;
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${result.stderr}`);
  const peakMiB = command === process.execPath ? Number(readFileSync(peak, "utf8")) : NaN;
  return { seconds, stdout: result.stdout, peakMiB };
}

function exp(directory: string, ...args: readonly string[]): Process {
  const entry = join(directory, "node_modules/lockstep/dist/src/cli/exp.cjs");
  const preload = join(here, "peak-memory.cjs");
  return measureProcess(process.execPath, ["--require", preload, entry, ...args], directory);
}

/** Milliseconds a call, after a warm-up. */
async function warm(numCalls: number, call: () => unknown): Promise<readonly number[]> {
  for (let index = 0; index < numCalls; index++) await call();
  const samples: number[] = [];
  for (let index = 0; index < numCalls; index++) {
    const start = performance.now();
    await call();
    samples.push(performance.now() - start);
  }
  return samples;
}

/** As a test or script of a user's own resolves: in a process that has the modules. */
async function warmResolve(directory: string): Promise<readonly Row[]> {
  const file = join(directory, "experiments/experiment-1.ts");
  const overrides = ["seed=1", "optimizer.betaValue1=0.1"]; // one run instead of six
  const { default: definition } = (await import(pathToFileURL(file).href)) as {
    default: Parameters<typeof resolve>[0];
  };
  const samples = await warm(300, () => resolve(definition, overrides));
  const anew = await warm(30, () => resolve(file, overrides));
  const [, median] = quartiles(samples);
  return [
    {
      what: `resolve ${numKeys} keys in a warm process`,
      measured: spread(samples, 2, "ms"),
      target: "≤ 3 ms",
      holds: median <= 3,
    },
    {
      what: "the same, with the modules evaluated anew",
      measured: spread(anew, 1, "ms"),
      target: "",
      holds: undefined,
    },
  ];
}

function parse(): Row {
  const texts = ["optimizer.learningRate=3e-4", "seed=range(1,4)", "model=bert-tiny", "a.b=[1,2]"];
  const samples: number[] = [];
  for (let round = 0; round < 200; round++) {
    const start = performance.now();
    for (let index = 0; index < 100; index++) {
      for (const text of texts) parseOverride(text, 0);
    }
    if (round >= 100) samples.push(((performance.now() - start) / 400) * 1000);
  }
  const [, median] = quartiles(samples);
  return {
    what: "parse one override",
    measured: spread(samples, 2, "µs"),
    target: "≤ 10 µs",
    holds: median <= 10,
  };
}

function largePlan(directory: string): readonly Row[] {
  const samples = [1, 2, 3].map(() => exp(directory, "plan", "experiments/grid.ts", "--json"));
  const seconds = samples.map((sample) => sample.seconds);
  const peak = Math.max(...samples.map(({ peakMiB }) => peakMiB));
  const { runs } = JSON.parse(samples[0]?.stdout ?? "{}") as { runs: readonly unknown[] };
  if (runs.length !== 10_000) throw new Error(`the grid has ${runs.length} runs`);
  return [
    {
      what: "plan 10,000 runs: resolve, check, hash, print",
      measured: spread(seconds, 1, "s"),
      target: "≤ 10 s",
      holds: quartiles(seconds)[1] <= 10,
    },
    {
      what: "the same, largest memory",
      measured: `${peak.toFixed(0)} MiB`,
      target: "≤ 512 MiB",
      holds: peak <= 512,
    },
  ];
}

/** Both print the config, in turn, so that a busy moment of the machine meets both. */
function cold(directory: string): readonly Row[] {
  const python = process.env["HYDRA_PYTHON"];
  const ours: Process[] = [];
  const theirs: number[] = [];
  const print = (): Process => exp(directory, "resolve", "experiments/baseline.ts", "--canonical");
  const hydra = (python: string): Process =>
    measureProcess(python, ["app.py", "--cfg", "job"], join(directory, "hydra"));
  if (python !== undefined) requireEqual(python, directory, print().stdout);
  for (let index = 0; index < numColdRuns + 3; index++) {
    const sample = print();
    const other = python === undefined ? undefined : hydra(python).seconds;
    if (index < 3) continue; // file caches
    ours.push(sample);
    if (other !== undefined) theirs.push(other);
  }
  const seconds = ours.map((sample) => sample.seconds);
  const row = {
    what: `cold exp resolve, ${numKeys} keys`,
    measured: spread(seconds, 3, "s"),
    target: "",
    holds: undefined,
  };
  const memory = {
    what: "the same, largest memory",
    measured: `${Math.max(...ours.map(({ peakMiB }) => peakMiB)).toFixed(0)} MiB`,
    target: "",
    holds: undefined,
  };
  if (python === undefined) {
    return [row, memory, { ...row, what: "cold Hydra", measured: "HYDRA_PYTHON is not set" }];
  }
  const ratio = quartiles(seconds)[1] / quartiles(theirs)[1];
  const version = measureProcess(python, ["-c", "import hydra; print(hydra.__version__)"], here);
  return [
    row,
    memory,
    {
      ...row,
      what: `cold Hydra ${version.stdout.trim()} --cfg job`,
      measured: spread(theirs, 3, "s"),
    },
    {
      what: "exp resolve / Hydra",
      measured: `${ratio.toFixed(2)}×`,
      target: "≤ 1.2×",
      holds: ratio <= 1.2,
    },
  ];
}

/** Hydra prints YAML; PyYAML reads it, and both configs have to be the same JSON. */
function requireEqual(python: string, directory: string, ours: string): void {
  const script =
    "import subprocess, sys, yaml, json; " +
    'out = subprocess.run([sys.executable, "app.py", "--cfg", "job"], capture_output=True, text=True, check=True).stdout; ' +
    "print(json.dumps(yaml.safe_load(out)))";
  const { stdout } = measureProcess(python, ["-c", script], join(directory, "hydra"));
  if (canonicalJson(JSON.parse(stdout)) === canonicalJson(JSON.parse(ours))) return;
  throw new Error("Hydra's config is not ours: the comparison would mean nothing");
}

function typeCheck(directory: string): Row {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  const samples = [1, 2, 3, 4, 5].map(
    () => measureProcess(process.execPath, [tsc, "-p", "."], directory).seconds,
  );
  return {
    what: `tsc of ${numKeys} keys, 20 presets, 31 experiments`,
    measured: spread(samples, 2, "s"),
    target: "≤ 2 s",
    holds: quartiles(samples)[1] <= 2,
  };
}

function completion(directory: string): readonly Row[] {
  const editor = openEditor(directory);
  const text = (body: string): string =>
    `import baseline from "./baseline.ts";\nimport { extend } from "../task.ts";\n\nexport default extend(baseline, { ${body} });\n`;
  const ask = (index: number): number => {
    const typed = "t".repeat(index % 4);
    const start = performance.now();
    const names = editor.complete("experiments/open.ts", text(`training: { ${typed}¦ }`));
    if (names.length !== 12) throw new Error(`completion offered ${names.length} names`);
    return performance.now() - start;
  };
  const samples = Array.from({ length: 40 }, (_, index) => ask(index)).slice(20);
  const hovers = Array.from({ length: 20 }, () => {
    const start = performance.now();
    editor.hover("experiments/open.ts", text("training: { training¦Value0: 1 }"));
    return performance.now() - start;
  });
  return [
    {
      what: "completion after a keystroke",
      measured: spread(samples, 0, "ms"),
      target: "≤ 100 ms",
      holds: quartiles(samples)[1] <= 100,
    },
    {
      what: "hover after a change",
      measured: spread(hovers, 0, "ms"),
      target: "",
      holds: undefined,
    },
  ];
}

const directory = mkdtempSync(join(tmpdir(), "lockstep-bench-"));
try {
  await writeLargeProject(repository, directory, "all");
  const rows = [
    ...(await warmResolve(directory)),
    parse(),
    ...largePlan(directory),
    ...cold(directory),
    typeCheck(directory),
    ...completion(directory),
  ];
  process.exitCode = printTable("The configuration language, as the built package", rows);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
