/** A comparison of sources with other names for its files. */
import type { SourceChange } from "./change.ts";
import type { DefinitionChange, SourceDiff } from "./diff-sources.ts";
import type { SourcePlace } from "./form.ts";

/**
 * The same with every file called otherwise: those of definitions, places and experiments.
 * @param rename - A file's name as it is to be shown.
 */
export function withFiles(diff: SourceDiff, rename: (file: string) => string): SourceDiff {
  const { count, added, removed, common } = diff.experiments;
  return {
    definitions: diff.definitions.map((one) => definitionWith(one, rename)),
    experiments: {
      count,
      added: added.map(rename),
      removed: removed.map(rename),
      common: common.map(rename),
    },
  };
}

function definitionWith(
  { name, formerName, at, changes, reaches, ...rest }: DefinitionChange,
  rename: (file: string) => string,
): DefinitionChange {
  const renamed = (full: string): string => {
    const end = full.indexOf("#");
    return end < 0 ? rename(full) : rename(full.slice(0, end)) + full.slice(end);
  };
  return {
    ...rest,
    name: renamed(name),
    ...(formerName !== undefined && { formerName: renamed(formerName) }),
    at: placeWith(at, rename),
    changes: changes.map((change) => changeWith(change, rename)),
    reaches: reaches.map(rename),
  };
}

function changeWith(
  { before, after, ...rest }: SourceChange,
  rename: (file: string) => string,
): SourceChange {
  return {
    ...rest,
    ...(before !== undefined && { before: { ...before, at: placeWith(before.at, rename) } }),
    ...(after !== undefined && { after: { ...after, at: placeWith(after.at, rename) } }),
  };
}

function placeWith({ file, line }: SourcePlace, rename: (file: string) => string): SourcePlace {
  return { file: rename(file), line };
}
