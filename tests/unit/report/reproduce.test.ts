import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { wellFormed } from "../../../src/report/markdown.ts";
import { reproduce } from "../../../src/report/reproduce.ts";
import type { RunFacts } from "../../../src/report/run-facts.ts";
import { captureEnvironment } from "../../../src/store/environment.ts";
import { hostileNames, sampleFacts } from "./sample-facts.ts";

const runName = sha256("run").slice(0, 16);

/** The shell commands of a document, block by block. */
function blocks(document: string): string[] {
  return Array.from(document.matchAll(/^(`{3,})sh\n([\s\S]*?)\n\1$/gm), (match) => match[2] ?? "");
}

test("a committed run is reproduced from a worktree beside the project", () => {
  const document = reproduce(sampleFacts());
  expect(document).toContain(`# Reproduce bert-lr \`${runName}\``);
  expect(blocks(document)).toEqual([
    `pnpm exp verify ${runName}`,
    `git worktree add --detach ../reproduce-${runName} 0123456789abcdef0123456789abcdef01234567
cd ../reproduce-${runName}
make setup`,
    `git clone -- https://example.com/project.git project
git -C project checkout 0123456789abcdef0123456789abcdef01234567`,
    `pnpm exp plan --runs-dir reproduced --only ${runName} experiments/bert-lr.ts optimizer.learningRate=3e-4 seed=7
pnpm exp --runs-dir reproduced --only ${runName} experiments/bert-lr.ts optimizer.learningRate=3e-4 seed=7`,
    `cd reproduced/${runName}
sha256sum --check <<'END'
${sha256("config")}  identity.json
${sha256("trace")}  logs/trace.jsonl
END
cat results/metrics.json`,
  ]);
  expect(document).toContain("| `test.accuracy` | 0.30000000000000004 | none: equal |");
  expect(document).toContain(`| \`weightsDigest\` | \`${sha256("weights")}\` |`);
  expect(document).toContain(`| \`traceDigest\` | \`${sha256("trace")}\` |`);
});

function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "lockstep report ü-")));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A program that stands for `exp`: it keeps its arguments and the module it was given, and makes the expected files. */
const fakeExp = `#!/bin/sh
printf '%s\\0' "$@" >> ../arguments
cp "$6" ../module 2>/dev/null || cp "$5" ../module
mkdir -p reproduced/${runName}/logs reproduced/${runName}/results
printf config > reproduced/${runName}/identity.json
printf trace > reproduced/${runName}/logs/trace.jsonl
printf '{}' > reproduced/${runName}/results/metrics.json
`;

function project(root: string, folder: string): string {
  const git = (...args: string[]): void => {
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd: root,
      stdio: "pipe",
    });
  };
  const directory = join(root, folder);
  mkdirSync(join(directory, "experiments"), { recursive: true });
  writeFileSync(join(directory, "exp.sh"), fakeExp, { mode: 0o755 });
  writeFileSync(join(directory, "experiments/a.ts"), "committed\n");
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  writeFileSync(join(directory, "experiments/a.ts"), "changed\n");
  writeFileSync(join(directory, "experiments/new one.ts"), "untracked\n");
  return directory;
}

async function pasted(
  facts: Partial<RunFacts>,
  folder: string,
): Promise<{ copy: string; output: string }> {
  const parent = temporaryFolder();
  const root = join(parent, "my project");
  mkdirSync(root);
  const directory = project(root, folder);
  const { git, uncommittedDiff } = await captureEnvironment({
    projectDirectory: directory,
    environmentClass: "wasm/1",
    lockstepVersion: "0.1.0",
    backendFacts: {},
  });
  mkdirSync(join(directory, "runs", runName), { recursive: true });
  writeFileSync(join(directory, "runs", runName, "uncommitted.diff"), uncommittedDiff);
  const commands = { install: "true", exp: "./exp.sh" };
  const document = reproduce(sampleFacts({ git, commands, ...facts }));
  const script = blocks(document).join("\n");
  const output = execFileSync("sh", ["-e"], {
    cwd: directory,
    input: script,
    encoding: "utf8",
    stdio: ["pipe", "pipe", "pipe"],
  });
  return { copy: join(parent, `reproduce-${runName}`, folder), output };
}

test.each(["", "packages/my app"])(
  "the commands work when pasted, changes that were not committed included (project in %j)",
  async (folder) => {
    const file = "experiments/new one.ts";
    const { copy, output } = await pasted(
      { file, overrides: hostileNames.map((name) => `name=${wellFormed(name)}`) },
      folder,
    );
    expect(output).toContain("identity.json: OK\nlogs/trace.jsonl: OK\n");
    expect(readFileSync(join(copy, "experiments/a.ts"), "utf8")).toBe("changed\n");
    expect(readFileSync(join(copy, "../module"), "utf8")).toBe("untracked\n");
    const words = readFileSync(join(copy, "../arguments"), "utf8").split("\0").slice(0, -1);
    const overrides = hostileNames.map((name) => `name=${wellFormed(name)}`);
    const shared = ["--runs-dir", "reproduced", "--only", runName, file, ...overrides];
    // The first command of all is for the project itself, which may lie in another folder.
    const inCopy = words[0] === "verify" ? words.slice(2) : words;
    expect(inCopy).toEqual(["plan", ...shared, ...shared]);
    expect(existsSync(join(copy, "executed"))).toBe(false);
  },
);

test("secrets of overrides are left out of the commands, and the document says so", () => {
  const overrides = ["service.password=canary one", "seed=7", 'db={"apiKey":"canary two"}'];
  const document = reproduce(sampleFacts({ overrides }));
  expect(document).not.toContain("canary");
  expect(blocks(document)).toContain(
    [" plan", ""]
      .map(
        (plan) =>
          `pnpm exp${plan} --runs-dir reproduced --only ${runName} experiments/bert-lr.ts 'service.password=[redacted]' seed=7 'db={"apiKey":"[redacted]"}'`,
      )
      .join("\n"),
  );
  expect(document).toContain(
    "2 overrides hold secrets, left out of the commands below: write it yourself where they say `[redacted]`.",
  );
  expect(reproduce(sampleFacts())).not.toContain("[redacted]");
});

test("a diff is applied from this folder, and what names it may be replaced by any path", () => {
  const git = { ...sampleFacts().git, diff: { sha256: sha256("x"), isComplete: true, notes: [] } };
  const facts = { git: git as RunFacts["git"], runsDirectory: "my runs" };
  const document = reproduce(sampleFacts(facts));
  expect(document).toContain(`have this folder as \`my runs/${runName}\``);
  expect(document).toContain(
    `git -C ../reproduce-${runName} apply --whitespace=nowarn < 'my runs/${runName}/uncommitted.diff'`,
  );
});

test("what the diff lacks, and data that git does not bring, is said", () => {
  const diff = { sha256: sha256("x"), isComplete: false, notes: ["2 secrets were replaced"] };
  const git = { ...sampleFacts().git, diff } as RunFacts["git"];
  const document = reproduce(sampleFacts({ git, dataLocations: ["../shared/data/sst2"] }));
  expect(document).toContain("- 2 secrets were replaced");
  expect(document).toContain("The run reads `../shared/data/sst2` (relative to the project).");
});

test("a diff that was too large to keep is not applied", () => {
  const diff = { sha256: sha256(""), isComplete: false, notes: ["too large"] };
  const git = { ...sampleFacts().git, isDirty: true, diff } as RunFacts["git"];
  expect(reproduce(sampleFacts({ git }))).not.toContain("git -C ../reproduce");
});

test("without a commit the document leads to the code in the store", () => {
  const none = { kind: "none", reason: "git is not installed" } as const;
  const document = reproduce(sampleFacts({ git: none }));
  expect(document).toContain("There is no commit to go back to: git is not installed.");
  expect(document).toContain(`runs/.code/${sha256("code")}/sources`);
  expect(document).toContain("`.list.json` says where each belongs");
  expect(document).not.toContain("git worktree");
  const empty = { ...sampleFacts().git, commit: null } as RunFacts["git"];
  expect(reproduce(sampleFacts({ git: empty }))).toContain("nothing was committed yet");
});

test("hostile names cannot end a block or start a heading", () => {
  for (const name of hostileNames) {
    const document = reproduce(
      sampleFacts({ experiment: name, overrides: [`name=${name}`], dataLocations: [name] }),
    );
    expect(document).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\ud800]/u);
    expect(document.match(/^## .*$/gm)).toEqual([
      "## With one command",
      "## Known sources of other bits",
      "## 1. Get the code",
      "## 2. Run it",
      "## 3. Check it",
    ]);
  }
});

test("one command checks the run where it can be executed from the store, with the tolerance of its task", () => {
  const elsewhere = reproduce(sampleFacts({ runsDirectory: "my runs", tolerance: 0.01 }));
  expect(blocks(elsewhere)[0]).toBe(`pnpm exp verify ${runName} --runs-dir 'my runs'`);
  expect(elsewhere).toContain("declares a tolerance of 0.01");
  expect(reproduce(sampleFacts())).toContain("declares no tolerance");
  const given = reproduce(sampleFacts({ hasStoredCode: false }));
  expect(given).not.toContain("exp verify");
  expect(given).toContain("any number of threads");
});
