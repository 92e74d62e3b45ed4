/** Makes the stored code of a plan ready to run, and proves before anything runs that it is the planned code. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import { codeIdentity, type CodeIdentity } from "../resolve/code-identity.ts";
import { findLockstep, isLinked, type PackageFacts } from "../resolve/packages.ts";
import { lockstepRoot, type SnapshotLayout } from "../resolve/snapshot-files.ts";
import { lockstepFacts, type FrozenCode, type FrozenPlan } from "./frozen-plan.ts";
import { codeFile, linkPackages } from "./package-links.ts";
import { ownRoot } from "./version.ts";

export interface OpenSnapshot {
  /** Absolute: the folder that holds the files. */
  readonly tree: string;
  readonly layout: SnapshotLayout;
  /** Absolute: the executable of the Lockstep that the experiment imports. */
  readonly program: string;
  /** Absolute: what TypeScript is compiled by. */
  readonly compilerSettings: string;
}

/**
 * Opens the snapshot of a frozen plan.
 * @throws {ExpError} `store` for files that are not as they were stored; `module` where the snapshot with the packages
 *   that are installed now is not the planned code, with what differs.
 */
export async function openSnapshot({
  code,
  store,
  projectDirectory,
}: FrozenPlan): Promise<OpenSnapshot> {
  const { codeHash, snapshot } = code;
  const { tree, facts } = store.readSnapshot({ codeHash, digest: snapshot });
  const layout = facts as SnapshotLayout; // its digest holds, so it is what we wrote
  linkPackages(tree, layout, projectDirectory);
  const program = lockstepProgram({ tree, layout }, { code, projectDirectory });
  const identity = await identityIn({ tree, layout }, projectDirectory);
  if (identity.codeHash !== codeHash) throw otherCode(code.packages, identity);
  return { tree, layout, program, compilerSettings: compilerSettings(tree, layout) };
}

/** The Lockstep that the experiment in the snapshot imports must be the one that planned. */
function lockstepProgram(
  { tree, layout }: Pick<OpenSnapshot, "tree" | "layout">,
  { code: { lockstep }, projectDirectory }: Pick<FrozenPlan, "code" | "projectDirectory">,
): string {
  const root = lockstepRoot(join(tree, layout.file), ownRoot());
  const found = lockstepFacts(root);
  const isInTree = root.startsWith(realpathSync(tree) + sep) || root === realpathSync(tree);
  const isSame = found.version === lockstep.version && found.integrity === lockstep.integrity;
  const isSound = layout.lockstep === null ? isSame && !isLinked(root) : isInTree;
  if (!isSound && findLockstep(join(tree, layout.file)) === undefined) {
    throw new ExpError("module", `Lockstep is not installed in ${projectDirectory}.`, {
      hint: `The stored code needs it and its other packages: install the dependencies of the project. ${wherePackagesAre(projectDirectory)}`,
    });
  }
  if (!isSound) {
    const planned = describeLockstep(lockstep);
    const message = `The code was stored by Lockstep ${planned}; installed is ${describeLockstep(found)}.`;
    throw new ExpError("module", message, {
      hint: "Install that version again. This one stores the code anew with exp FILE, or exp plan FILE --save plan.json.",
    });
  }
  const manifest: unknown = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const bin =
    isPlainObject(manifest) && isPlainObject(manifest["bin"]) ? manifest["bin"]["exp"] : "";
  return join(root, String(bin));
}

function describeLockstep({ version, integrity }: FrozenCode["lockstep"]): string {
  return `${version} (${integrity ?? "from sources"})`;
}

async function identityIn(
  { tree, layout }: Pick<OpenSnapshot, "tree" | "layout">,
  projectDirectory: string,
): Promise<CodeIdentity> {
  try {
    const code = layout.code.map((entry) => codeFile(tree, entry));
    return await codeIdentity({ code }, join(tree, layout.project));
  } catch (error) {
    if (!isExpError(error)) throw error;
    const message = `The stored code cannot be put together again: ${error.message}`;
    throw new ExpError("module", message, {
      hint: [error.hint, wherePackagesAre(projectDirectory)].join(" ").trim(),
      cause: error,
    });
  }
}

function wherePackagesAre(projectDirectory: string): string {
  return `Packages are looked for in ${projectDirectory}: start the command in the project's folder where that is another.`;
}

function otherCode(
  planned: readonly PackageFacts[],
  { packages, codeHash }: CodeIdentity,
): ExpError {
  const text = ({ name, version, integrity }: PackageFacts): string =>
    `${name} ${version} (${integrity})`;
  const before = new Set(planned.map(text));
  const now = new Set(packages.map(text));
  const gone = [...before].filter((one) => !now.has(one)).map((one) => `planned: ${one}`);
  const came = [...now].filter((one) => !before.has(one)).map((one) => `installed: ${one}`);
  const lines = [...gone, ...came].map((line) => `  ${line}`);
  const why = lines.length === 0 ? `Its code hash comes to ${codeHash}.` : lines.join("\n");
  return new ExpError("module", `The stored code is not the planned code any more.\n${why}`, {
    hint: "Install the planned packages again, or plan again: exp plan FILE --save plan.json.",
  });
}

/** The nearest above the project: where a snapshot has none of the project's own, its empty one. */
function compilerSettings(tree: string, layout: SnapshotLayout): string {
  let folder = join(tree, layout.project);
  while (!existsSync(join(folder, "tsconfig.json"))) folder = dirname(folder);
  return join(folder, "tsconfig.json");
}
