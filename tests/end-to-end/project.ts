/** Throw-away projects and real `exp` processes for end-to-end tests. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const repository = fileURLToPath(new URL("../..", import.meta.url));
const executable = join(repository, "src/cli/exp.cjs");

export interface Project {
  readonly directory: string;
  write(file: string, text: string): void;
}

/**
 * A project with `lockstep` installed by a link, removed when the test ends.
 * @param until - What calls a function at the end; default: that of the test. `afterAll` for one that a file's tests share.
 */
export function createProject(
  files: Readonly<Record<string, string>>,
  folder = "project",
  until: (end: () => void) => void = onTestFinished,
): Project {
  const parent = mkdtempSync(join(tmpdir(), "lockstep-"));
  until(() => rmSync(parent, { recursive: true, force: true }));
  const directory = join(parent, folder);
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  };
  write("package.json", `${JSON.stringify({ name: "project", type: "module", private: true })}\n`);
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(repository, join(directory, "node_modules/lockstep"), "dir");
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { directory, write };
}

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExpOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly nodeArguments?: readonly string[];
  /** What it reads from standard input; default: nothing. */
  readonly input?: string;
  /** Called with the process once it runs, for signals. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Called with everything on standard error so far, each time it grows. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

/** Runs `exp` in a project to its end. */
export function exp(
  project: Project,
  args: readonly string[],
  options: ExpOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const { LOCKSTEP_RUNS: _, ...inherited } = process.env; // would put the runs of all tests in one place
    const child = spawn(process.execPath, [...(options.nodeArguments ?? []), executable, ...args], {
      cwd: project.directory,
      env: { ...inherited, NO_COLOR: "1", ...options.environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.end(options.input ?? "");
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      options.onStderr?.(stderr, child);
    });
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
    options.onStart?.(child);
  });
}

export interface RunDocument {
  readonly directory: string;
  readonly runKey: string;
  readonly configHash: string;
  readonly groupHash: string;
  readonly status: string;
  readonly metrics: Readonly<Record<string, number | string>>;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface ExecutionDocument {
  readonly experiment: string;
  readonly runs: readonly RunDocument[];
}

/** What `--json` printed; fails when standard output is anything but one document. */
export function document(finished: Finished): ExecutionDocument {
  return JSON.parse(finished.stdout) as ExecutionDocument;
}

/** The names of published runs: folders of 16 hexadecimal digits. */
export function publishedRuns(project: Project): readonly string[] {
  try {
    const names = readdirSync(join(project.directory, "runs"));
    return names.filter((name) => /^[0-9a-f]{16}$/u.test(name)).toSorted();
  } catch {
    return [];
  }
}

const words = ["good", "great", "fine", "bad", "poor", "awful"];

/** A small TSV that a tiny model learns: the first three words are the class `yes`, the others `no`. */
export function reviews(numRows: number): string {
  const rows = Array.from({ length: numRows }, (_, index) => {
    const word = words[index % words.length] ?? "";
    return `${word} film number ${index} ${word}\t${index % words.length < 3 ? "yes" : "no"}`;
  });
  return `${rows.join("\n")}\n`;
}

/** An experiment over `reviews`, small enough to train in about a second. */
export const tinyExperiment = `import { defineConfig } from "lockstep";

export default defineConfig({
  seed: 1,
  data: { kind: "delimited", path: "../reviews.tsv", sequenceLength: 8, split: { validation: 0.2, test: 0.2 } },
  tokenizer: { kind: "words", vocabSize: 200 },
  model: { kind: "bert", numLayers: 1, hiddenSize: 16, numHeads: 2, feedForwardSize: 32, contextLength: 16, pooling: "mean" },
  optimizer: { kind: "adamw", learningRate: 1e-2 },
  schedule: { kind: "linear", warmupFraction: 0.1 },
  training: { numEpochs: 4, batchSize: 16, maxGradNorm: 1 },
});
`;

/** The files of a project that trains in about a second. */
export const tinyProject = {
  "reviews.tsv": reviews(180),
  "experiments/tiny.ts": tinyExperiment,
} as const;
