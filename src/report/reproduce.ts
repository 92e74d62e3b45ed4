/** `REPRODUCE.md`: commands that give the same bits again when they are pasted, and how to see that they did. */
import { sha256 } from "../core/hash.ts";
import { secretsOf } from "../core/secret-reference.ts";
import { shellQuote } from "../core/shell-quote.ts";
import { redactArguments } from "../store/redact-arguments.ts";
import { redacted } from "../store/redact.ts";
import { codeBlock, codeText, numberText, plainText, table } from "./markdown.ts";
import { knownSources } from "./nondeterminism.ts";
import type { RunFacts } from "./run-facts.ts";

/**
 * The document for a run. Commands are for a POSIX shell and are pasted in the folder of the project; they leave the
 * checkout as it is and work in a copy beside it.
 */
export function reproduce(facts: RunFacts): string {
  const { identities } = facts.manifest;
  const sections = [
    `# Reproduce ${plainText(facts.experiment)} ${codeText(runName(facts))}`,
    `Same config, code, data and environment class give the same bits. This run was made in class ${codeText(identities.environmentClass)}; in another class its key is another (leave out ${codeText("--only")}), and equal bits are not promised.`,
    `Commands are pasted in the folder of the project, and have this folder as ${codeText(runDirectory(facts))}: where it lies elsewhere, write its path there instead.`,
    ...oneCommand(facts),
    "## Known sources of other bits",
    knownSources({
      backend: identities.environmentClass.split("/")[0] ?? "",
      task: facts.manifest.task.name,
      isAmbientSeeded: facts.config["ambientRandomness"] === "seeded",
    })
      .map((source) => `- ${source}`)
      .join("\n"),
    "## 1. Get the code",
    ...codeSections(facts),
    "## 2. Run it",
    ...runSections(facts),
    "## 3. Check it",
    ...checkSections(facts),
  ];
  return `${sections.join("\n\n")}\n`;
}

/** Where the run itself is at hand, nothing needs to be copied or compared by hand. */
function oneCommand(facts: RunFacts): string[] {
  const { commands, runsDirectory, tolerance, manifest } = facts;
  if (!facts.hasStoredCode) return [];
  const directory = runsDirectory === "runs" ? "" : ` --runs-dir ${shellQuote(runsDirectory)}`;
  const command = `${commands.exp} verify ${runName(facts)}${directory}`;
  const near =
    tolerance === undefined
      ? `The task declares no tolerance; ${codeText("--tolerance 0.001")} sets one.`
      : `The task declares a tolerance of ${tolerance}, by the larger of 1 and the metric itself.`;
  return [
    "## With one command",
    `Where this folder lies among the runs of the project (an archive of it is taken there by ${codeText("exp import")}), this executes the run again from its stored code and compares every step, metric and file. Among other runs ${codeText("--runs-dir")} names the folder that they are in. Exit status 0: the same; 3: it went another way, and where.`,
    codeBlock("sh", [command]),
    `In class ${codeText(manifest.identities.environmentClass)} the metrics below come out to the last bit. Elsewhere ${codeText("--across-classes")} compares them as far as they agree. ${near}`,
    "What follows does the same without the stored code, from the sources.",
  ];
}

/** A store of its own: in the one that holds this run, it would be found finished. */
const repeatDirectory = "reproduced";

function runName({ manifest }: RunFacts): string {
  return manifest.identities.runKey.slice(0, 16);
}

/** The run's own folder, as a command in the project's folder names it. */
function runDirectory(facts: RunFacts): string {
  return `${facts.runsDirectory}/${runName(facts)}`;
}

/** Folder of the copy: beside the project, so that relative paths to data beside it keep their meaning. */
function copyName(facts: RunFacts): string {
  return `../reproduce-${runName(facts)}`;
}

function codeSections(facts: RunFacts): string[] {
  const { git } = facts;
  if (git.kind === "none" || git.commit === null) return storedCodeSections(facts);
  const commands = [
    ...worktreeCommands(facts, git.commit, git.projectPath),
    facts.commands.install,
  ];
  return [
    "Pasted in the folder of the project:",
    codeBlock("sh", commands),
    ...diffNotes(facts),
    ...cloneSections(facts),
  ];
}

/** A worktree needs no network and no clean checkout. The diff is applied from the repository's root: there its paths count. */
function worktreeCommands(facts: RunFacts, commit: string, projectPath: string): string[] {
  const diff = shellQuote(`${runDirectory(facts)}/uncommitted.diff`);
  // Beside the repository's root, also where the project is a folder in it.
  const up =
    projectPath === ""
      ? ""
      : `${projectPath
          .split("/")
          .map(() => "..")
          .join("/")}/`;
  const copy = `${up}${copyName(facts)}`;
  // The shell opens it, in the project's folder, whether its path is relative or absolute.
  const apply = hasDiff(facts) ? [`git -C ${copy} apply --whitespace=nowarn < ${diff}`] : [];
  const target = projectPath === "" ? copy : `${copy}/${projectPath}`;
  return [`git worktree add --detach ${copy} ${commit}`, ...apply, `cd ${shellQuote(target)}`];
}

/** A diff that was too large to keep is empty, and git refuses to apply nothing. */
function hasDiff({ git }: RunFacts): boolean {
  return git.kind === "repository" && git.diff.sha256 !== sha256("");
}

function diffNotes(facts: RunFacts): string[] {
  const { git } = facts;
  if (git.kind === "none" || git.diff.isComplete) return [];
  const notes = git.diff.notes.map((note) => `- ${plainText(note)}`);
  return [
    `Not everything that was uncommitted is in ${codeText("uncommitted.diff")}:`,
    notes.join("\n"),
  ];
}

function cloneSections({ git }: RunFacts): string[] {
  if (git.kind === "none" || git.remote === null || git.commit === null) return [];
  return [
    `Without a checkout: clone it first. The commit must have been pushed; the files of this run are needed for ${codeText("uncommitted.diff")}.`,
    codeBlock("sh", [
      `git clone -- ${shellQuote(git.remote)} project`,
      `git -C project checkout ${git.commit}`,
    ]),
  ];
}

/** No commit to go back to: what the store kept is all there is. */
function storedCodeSections(facts: RunFacts): string[] {
  const { git, manifest, runsDirectory } = facts;
  const reason = git.kind === "none" ? plainText(git.reason) : "nothing was committed yet";
  const folder = `${runsDirectory}/.code/${manifest.identities.codeHash}`;
  return [
    `There is no commit to go back to: ${reason}. The store kept the program and the project's modules:`,
    codeBlock("sh", [`ls -a ${shellQuote(folder)} ${shellQuote(`${folder}/sources`)}`]),
    `${codeText("sources")} has one folder for each set of modules; ${codeText("attempt.json")} of this run names its own (${codeText('"sources"')}). Copy its files over the project where they differ (modules from outside the project are in ${codeText(".outside")}; ${codeText(".list.json")} says where each belongs), install the versions in ${codeText("packages.json")}, and compare the code hash in step 2.`,
    codeBlock("sh", [facts.commands.install]),
  ];
}

function runSections(facts: RunFacts): string[] {
  const { commands, dataLocations } = facts;
  const data =
    dataLocations.length === 0
      ? []
      : [
          `The run reads ${dataLocations.map(codeText).join(", ")} (relative to the project). They must lie at the same place, with the same bytes; what git does not track is yours to bring.`,
        ];
  const file = facts.file.startsWith("-") ? `./${facts.file}` : facts.file;
  const overrides = redactArguments(facts.overrides);
  const options = `--runs-dir ${repeatDirectory} --only ${runName(facts)}`;
  const rest = [options, ...[file, ...overrides].map(shellQuote)].join(" ");
  return [
    ...data,
    ...secretNotes(facts.overrides, overrides),
    ...variableSections(facts),
    `The plan shows the run key without training. ${codeText("--only")} leaves this one of all runs that the experiment asks for, and refuses to go on where its key is not among them.`,
    codeBlock("sh", [`${commands.exp} plan ${rest}`, `${commands.exp} ${rest}`]),
  ];
}

/** What the config took from the environment is set; a secret is named, and whoever has it sets it. */
function variableSections({ variables, config }: RunFacts): string[] {
  const names = [...new Set(secretsOf(config).map(({ name }) => name))];
  const secrets =
    names.length === 0
      ? []
      : [
          `The run reads ${names.length === 1 ? "a secret" : "secrets"} from the environment, which nothing here holds: set ${names.map(codeText).join(", ")} yourself.`,
        ];
  if (variables.length === 0) return secrets;
  const lines = variables.map(({ name, text }) => `export ${name}=${shellQuote(text)}`);
  return [...secrets, "The config was made from these variables:", codeBlock("sh", lines)];
}

/** The config hash is over the value that was left out: without it the run is another. */
function secretNotes(given: readonly string[], shown: readonly string[]): string[] {
  const numRedacted = shown.filter((override, index) => override !== given[index]).length;
  if (numRedacted === 0) return [];
  const found =
    numRedacted === 1 ? "One override holds a secret" : `${numRedacted} overrides hold secrets`;
  return [
    `${found}, left out of the commands below: write it yourself where they say ${codeText(redacted)}. With another value the run key is another.`,
  ];
}

function checkSections(facts: RunFacts): string[] {
  const { manifest, metrics } = facts;
  const { weightsDigest, traceDigest, configHash } = manifest.identities;
  const digests = [
    ["configHash", configHash],
    ...(weightsDigest === undefined ? [] : [["weightsDigest", weightsDigest]]),
    ["traceDigest", traceDigest],
  ].map(([name = "", value = ""]) => [codeText(name), codeText(value)]);
  const figures = Object.entries(metrics).map(([name, value]) => [
    codeText(name),
    numberText(value),
    "none: equal",
  ]);
  const sums = manifest.files.map((file) => `${file.sha256}  ${file.path}`);
  return [
    "These bytes, all of them:",
    codeBlock("sh", [
      `cd ${repeatDirectory}/${runName(facts)}`,
      "sha256sum --check <<'END'",
      ...sums,
      "END",
      "cat results/metrics.json",
    ]),
    ...(weightsDigest === undefined
      ? []
      : [
          `${codeText("weightsDigest")} stands in ${codeText("manifest.json")}; it is the SHA-256 of the last step's parameters as safetensors without metadata.`,
        ]),
    table(["digest", "expected"], digests),
    ...(figures.length === 0 ? [] : [table(["metric", "expected", "tolerance"], figures)]),
  ];
}
