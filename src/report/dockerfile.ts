/**
 * A Dockerfile for what `exp checkout` writes out: the versions that a run was executed with, exactly. Everything in it comes
 * from records that somebody else may have written, so only what has the form of a version, a name or a plain path gets in.
 */
import { posix } from "node:path";

/** What the image is made from. */
export interface DockerfileFacts {
  /** First 8 digits of the run's key. */
  readonly run: string;
  readonly experiment: string;
  readonly environmentClass: string;
  /** `20.20.2`; anything else that is no version is left out, with a remark. */
  readonly node: string;
  /** The project's folder in the build's context, and its lock file there, with forward slashes; `.` for the context. */
  readonly project: string;
  readonly lockFile?: string;
  /** `packageManager` of the project's package.json: `pnpm@10.34.9`. */
  readonly packageManager?: string;
  /** Packages that the run reached, for where no lock file tells all versions. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Folder of Lockstep's own sources in the context; `null` where it is one of the packages. */
  readonly lockstep: string | null;
  /** Variables of the environment as they were recorded. */
  readonly variables: Readonly<Record<string, string>>;
}

const root = "/run";
const version = /^\d+\.\d+\.\d+$/;

/** The text of the Dockerfile; its context is the folder that `exp checkout` wrote. */
export function dockerfile(facts: DockerfileFacts): string {
  const { run, experiment, environmentClass } = facts;
  const project = isPlainPath(facts.project) ? facts.project : ".";
  const lines = [
    `# The environment of run ${run} (${plainLine(experiment)}), class ${plainLine(environmentClass)}.`,
    "# Written by exp checkout. It was checked by a parser; no image was built from it where Lockstep was made.",
    "#",
    `#   docker build --file .run/Dockerfile --tag lockstep-${run} .`,
    `#   docker run --rm --volume "$PWD/../runs:/runs" lockstep-${run}`,
    "#",
    "# executes the run again from the stored code and compares it: exp verify. Data that lie outside of this folder have to be",
    "# mounted where the config names them; it says which are not there.",
    "",
    ...baseImage(facts),
    ...variableLines(facts.variables),
    "",
    `WORKDIR ${root}`,
    `COPY [".", "${root}/"]`,
    ...installLines(facts, project),
    ...backendLines(environmentClass, programOf(facts, project)),
    "",
    `WORKDIR ${placeOf(project)}`,
    `ENTRYPOINT ["node", "${programOf(facts, project)}"]`,
    `CMD ["verify", "${run}", "--runs-dir", "/runs"]`,
  ];
  return `${lines.join("\n")}\n`;
}

function baseImage({ node, environmentClass }: DockerfileFacts): readonly string[] {
  const image = needsCompiler(environmentClass) ? "bookworm" : "bookworm-slim";
  if (version.test(node)) return [`FROM node:${node}-${image}`];
  return ["# The run does not say which Node.js it had.", `FROM node:20-${image}`];
}

function needsCompiler(environmentClass: string): boolean {
  return /^(?:native|cuda)\//.test(environmentClass);
}

/** Those that belong to the machine or the job, and those that only make sense with files of the machine. */
const ownVariables = /^(?:CI|NODE_ENV|NODE_OPTIONS|SLURM_.*|CUDA_VISIBLE_DEVICES|LOCKSTEP_CACHE)$/;

function variableLines(variables: DockerfileFacts["variables"]): readonly string[] {
  const kept = Object.entries(variables).filter(
    ([name, value]) =>
      /^[A-Z][A-Z0-9_]{0,60}$/.test(name) &&
      !ownVariables.test(name) &&
      /^[\w.,:@/+-]{1,200}$/.test(value),
  );
  return kept
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `ENV ${name}="${value}"`);
}

/** From the lock file where it tells all versions; else the packages that the run reached, by their versions. */
function installLines(facts: DockerfileFacts, project: string): readonly string[] {
  const { lockstep, lockFile = "" } = facts;
  const own = lockstep !== null && isPlainPath(lockstep) ? lockstep : undefined;
  // A lock file beside the sources of Lockstep tells what the command itself needs.
  const isOwnLock = own !== undefined && posix.dirname(lockFile) === own;
  const command = lockstep === null || isOwnLock ? lockedInstall(facts) : undefined;
  const link =
    own === undefined || (isOwnLock && own === project)
      ? []
      : [
          `RUN mkdir -p ${root}/node_modules && ln -s "${placeOf(own)}" ${root}/node_modules/lockstep`,
        ];
  if (command !== undefined) {
    const place = placeOf(own ?? project);
    return [...command.tools, `RUN cd "${place}" && ${command.install}`, ...link];
  }
  return [...reachedInstall(facts, own), ...link];
}

function placeOf(folder: string): string {
  return folder === "." ? root : `${root}/${folder}`;
}

const npmFlags = "--no-save --no-package-lock --no-audit --no-fund --ignore-scripts";

/** What no lock file tells: what the sources of Lockstep need, and the packages that the run reached. */
function reachedInstall(
  { lockstep, packages }: DockerfileFacts,
  own: string | undefined,
): readonly string[] {
  const reached = packages.filter(isPackage);
  const isOne = (name: string): boolean => reached.filter((one) => one.name === name).length === 1;
  const names = reached
    .filter(({ name }) => isOne(name))
    .map((one) => `${one.name}@${one.version}`);
  const several = reached
    .filter(({ name }) => !isOne(name))
    .map((one) => `${one.name}@${one.version}`);
  const why =
    lockstep === null ? "The project had no lock file" : "Lockstep was no installed package";
  return [
    `# ${why}: these are the packages that the run reached, and no others.`,
    ...(several.length === 0
      ? []
      : [`# In two versions each, so npm chooses who gets which: ${several.toSorted().join(" ")}`]),
    ...(own === undefined
      ? []
      : [`RUN cd "${placeOf(own)}" && npm install --omit=dev ${npmFlags}`]),
    ...(names.length === 0
      ? []
      : [`RUN npm install ${npmFlags} --prefix ${root} ${names.toSorted().join(" ")}`]),
  ];
}

interface LockedInstall {
  readonly tools: readonly string[];
  readonly install: string;
}

function lockedInstall({
  lockFile = "",
  packageManager = "",
}: DockerfileFacts): LockedInstall | undefined {
  const [, manager = "", own = ""] =
    /^(pnpm|yarn|npm|bun)@(\d+\.\d+\.\d+)/.exec(packageManager) ?? [];
  const tools = (name: string): readonly string[] =>
    manager === name
      ? [`RUN npm install --global ${name}@${own}`]
      : [`RUN npm install --global ${name}`];
  const name = lockFile.split("/").at(-1);
  if (name === "package-lock.json" || name === "npm-shrinkwrap.json")
    return { tools: [], install: "npm ci --no-audit --no-fund" };
  if (name === "pnpm-lock.yaml")
    return { tools: tools("pnpm"), install: "pnpm install --frozen-lockfile" };
  if (name === "yarn.lock")
    return { tools: [], install: "corepack enable && yarn install --immutable" };
  if (name === "bun.lock") return { tools: tools("bun"), install: "bun install --frozen-lockfile" };
  return undefined;
}

/** The class has the version of the library: `native/1/tensorflow-2.21.0-6505a4b9/…`. */
function backendLines(environmentClass: string, program: string): readonly string[] {
  if (!needsCompiler(environmentClass)) return [];
  const backend = environmentClass.startsWith("cuda/") ? "cuda" : "native";
  const [, library] = /\/tensorflow-(\d+\.\d+\.\d+)-/.exec(environmentClass) ?? [];
  const exact = library === undefined ? "" : ` --tensorflow ${library}`;
  return [
    "RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-pip g++ && rm -rf /var/lib/apt/lists/*",
    "ENV LOCKSTEP_CACHE=/opt/lockstep",
    `RUN node ${program} backend install ${backend}${exact}`,
  ];
}

function programOf({ lockstep }: DockerfileFacts, project: string): string {
  if (lockstep !== null && isPlainPath(lockstep)) return `${placeOf(lockstep)}/src/cli/exp.cjs`;
  return `${placeOf(project)}/node_modules/lockstep/dist/src/cli/exp.cjs`;
}

/** For a comment: nothing that could end it. */
function plainLine(text: string): string {
  return text.replace(/[^\u0020-\u007e]+/g, " ").slice(0, 200);
}

/** One that needs no quotes in any instruction. */
function isPlainPath(path: string): boolean {
  return /^[A-Za-z0-9._/-]{1,300}$/.test(path) && path.split("/").every((part) => part !== "..");
}

function isPackage({ name, version: own }: DockerfileFacts["packages"][number]): boolean {
  return (
    /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name) &&
    /^\d+\.\d+\.\d+(?:[-+][A-Za-z0-9.+-]+)?$/.test(own)
  );
}
