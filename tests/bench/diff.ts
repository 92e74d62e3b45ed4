/**
 * `pnpm bench:diff`: a branch that changes a part of 1,000 experiments over 50 presets and 20 parents, compared with `main` by a
 * whole process: by sources alone, and with every experiment of both sides evaluated. The least of some repetitions, since the
 * machine may have other work; processor time is of all processes together. `--experiments 200` makes it smaller.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMeantChange, writeDiffProject } from "./diff-project.ts";
import { printTable, type Row } from "./table.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const executable = join(repository, "src/cli/exp.cjs");
const given = process.argv.indexOf("--experiments");
const numExperiments = given === -1 ? 1000 : Number(process.argv[given + 1]);

interface Sample {
  readonly wall: number;
  /** Of the process and all that it started. */
  readonly processor: number;
  readonly output: string;
}

/** One `exp`, with what the shell's `times` says of its processor time. */
function measure(directory: string, words: readonly string[]): Sample {
  const output = join(directory, "../output.json");
  const script = 'out="$1"; shift; "$@" > "$out" || exit 1; times';
  const args = ["-c", script, "sh", output, process.execPath, executable, ...words];
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync("sh", args, { cwd: directory, encoding: "utf8" });
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`exp ${words.join(" ")}: ${stderr}`);
  const children = stdout.trim().split("\n").at(-1) ?? "";
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/gu)];
  const seconds = parts.map(([, minutes, rest]) => Number(minutes) * 60 + Number(rest));
  const processor = seconds.reduce((sum, one) => sum + one, 0);
  return { wall, processor, output: readFileSync(output, "utf8") };
}

interface Report {
  readonly sources: { readonly definitions: readonly { readonly name: string }[] };
  readonly experiments?: readonly { readonly changes?: readonly unknown[] }[];
}

/** Fails where a change that is none is told, or none is. */
function checkReport(text: string): Report {
  const report = JSON.parse(text) as Report;
  const names = report.sources.definitions.map(({ name }) => name);
  const wrong = names.filter((name) => !isMeantChange(name));
  if (names.length === 0 || wrong.length > 0)
    throw new Error(`told of ${names.length} changes, wrongly of ${wrong.join(", ") || "none"}`);
  return report;
}

interface Case {
  readonly what: string;
  readonly words: readonly string[];
  readonly repeats: number;
  /** Seconds. */
  readonly target: number;
}

const cases: readonly Case[] = [
  { what: "exp diff --static main..HEAD", words: ["--static"], repeats: 5, target: 5 },
  { what: "exp diff main..HEAD", words: [], repeats: 2, target: 30 },
];

function rowOf(directory: string, { what, words, repeats, target }: Case): Row {
  const samples = Array.from({ length: repeats }, () =>
    measure(directory, ["diff", "main..HEAD", "--json", ...words]),
  );
  const { sources, experiments = [] } = checkReport(samples[0]?.output ?? "");
  const wall = Math.min(...samples.map((one) => one.wall));
  const processor = Math.min(...samples.map((one) => one.processor));
  const changed = experiments.filter(({ changes = [] }) => changes.length > 0).length;
  const found = `${sources.definitions.length} definitions${experiments.length === 0 ? "" : `, ${changed} of ${experiments.length} experiments`}`;
  return {
    what: `${what}: ${found} differ`,
    measured: `${wall.toFixed(2)} s, ${processor.toFixed(2)} s of processor`,
    target: `${target} s`,
    holds: wall <= target,
  };
}

const scratch = mkdtempSync(join(tmpdir(), "lockstep-bench-diff-"));
try {
  const directory = join(scratch, "project");
  const packages = { lockstep: repository, zod: join(repository, "node_modules/zod") };
  const { numPresets } = writeDiffProject(directory, packages, numExperiments);
  const title = `A branch over ${numExperiments} experiments and ${numPresets} presets, process start included`;
  process.exitCode = printTable(
    title,
    cases.map((one) => rowOf(directory, one)),
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
