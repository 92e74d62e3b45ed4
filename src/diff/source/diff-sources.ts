/** Two sides of a repository: which definitions came, went, changed or have another name, and what each reaches. */
import type { SourceChange } from "./change.ts";
import { compareForms } from "./compare.ts";
import { definitionsOf, type DefinitionsOfModules, type SourceDefinition } from "./definitions.ts";
import { formMeaning, type SourcePlace } from "./form.ts";
import { fileOfModuleCode, noCode } from "./module-code.ts";
import type { SourceModules } from "./modules.ts";

export interface SourceSide {
  readonly modules: SourceModules;
  /** Modules whose exports are looked at; what they import is found by itself. */
  readonly files: readonly string[];
}

/** A definition or function that is not the same on both sides. */
export interface DefinitionChange {
  /** `experiments/baseline.ts#default`; of the new side, where it is there. Files count from where the modules do. */
  readonly name: string;
  readonly status: "added" | "removed" | "renamed" | "changed";
  /** What it was called. */
  readonly formerName?: string;
  readonly at: SourcePlace;
  /** Of a changed one; the parts of one that came or went are not told. */
  readonly changes: readonly SourceChange[];
  /** Files of the experiments that use it, through whatever is between; without its own. */
  readonly reaches: readonly string[];
}

export interface SourceDiff {
  readonly definitions: readonly DefinitionChange[];
  /** Files of experiments: how many there are on the new side, and which came and went. */
  readonly experiments: {
    readonly count: number;
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** On both sides. */
    readonly common: readonly string[];
  };
}

/**
 * What `after` says differently than `before`, definitions in the order of their names. Nothing is run.
 * @param pairs - Files whose default exports are compared though they are called differently: old → new.
 */
export function diffSources(
  before: SourceSide,
  after: SourceSide,
  pairs: ReadonlyMap<string, string> = new Map(),
): SourceDiff {
  const old = definitionsOf(before.modules, before.files);
  const now = definitionsOf(after.modules, after.files);
  const paired = [...pairs].flatMap(([from, to]): [string, string][] => {
    const [earlier, later] = [old.experiments.get(from), now.experiments.get(to)];
    return earlier === undefined || later === undefined || earlier === later
      ? []
      : [[earlier, later]];
  });
  const renames = findRenames(old, now, paired);
  const formerNames = new Map([...renames].map(([from, to]) => [to, from]));
  const users = { now: usersOf(now), old: usersOf(old) };
  const present = [...now.byName.values()].flatMap((definition): DefinitionChange[] => {
    const formerName = formerNames.get(definition.name);
    const earlier =
      old.byName.get(formerName ?? definition.name) ?? codeless(definition.name, before.modules);
    const reaches = reachOf(definition.name, users.now, now);
    const facts = { name: definition.name, at: definition.at, reaches };
    if (earlier === undefined) return [{ ...facts, status: "added", changes: [] }];
    const changes = compareForms(
      earlier.form,
      definition.form,
      (name) => renames.get(name) ?? name,
    );
    const former = { ...(formerName !== undefined && { formerName }) };
    if (changes.length > 0) return [{ ...facts, ...former, status: "changed", changes }];
    return formerName === undefined ? [] : [{ ...facts, ...former, status: "renamed", changes }];
  });
  const gone = [...old.byName.values()].flatMap((definition): DefinitionChange[] => {
    const { name, at, form } = definition;
    if (now.byName.has(name) || renames.has(name)) return [];
    const later = codeless(name, after.modules);
    if (later !== undefined) {
      const changes = compareForms(form, later.form, (one) => renames.get(one) ?? one);
      return [{ name, at, status: "changed", changes, reaches: reachOf(name, users.old, old) }];
    }
    return [{ name, at, status: "removed", changes: [], reaches: reachOf(name, users.old, old) }];
  });
  return {
    definitions: [...present, ...gone].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    experiments: experimentsOf(old, now),
  };
}

/** A module that is there and does nothing, where the other side's does something. */
function codeless(
  name: string,
  modules: SourceModules,
): Pick<SourceDefinition, "form"> | undefined {
  const file = fileOfModuleCode(name);
  if (file === undefined || modules.module(file) === undefined) return undefined;
  return { form: noCode(file) };
}

function experimentsOf(
  old: DefinitionsOfModules,
  now: DefinitionsOfModules,
): SourceDiff["experiments"] {
  const added = [...now.experiments.keys()].filter((file) => !old.experiments.has(file));
  const removed = [...old.experiments.keys()].filter((file) => !now.experiments.has(file));
  const common = [...now.experiments.keys()].filter((file) => old.experiments.has(file));
  return {
    count: now.experiments.size,
    added: added.toSorted(),
    removed: removed.toSorted(),
    common: common.toSorted(),
  };
}

/**
 * Definitions that say the same under another name: what went is paired with what came. One that was renamed may be
 * used by another that was renamed, so it goes on until no more are found.
 */
function findRenames(
  old: DefinitionsOfModules,
  now: DefinitionsOfModules,
  paired: readonly [string, string][],
): ReadonlyMap<string, string> {
  const gone = [...old.byName.values()].filter(({ name }) => !now.byName.has(name));
  const came = [...now.byName.values()].filter(({ name }) => !old.byName.has(name));
  const renames = new Map(paired);
  const taken = new Set(renames.values());
  const byMeaning = new Map<string, SourceDefinition[]>();
  for (const one of came) {
    const meaning = formMeaning(one.form);
    byMeaning.set(meaning, [...(byMeaning.get(meaning) ?? []), one]);
  }
  for (let numBefore = -1; numBefore < renames.size;) {
    numBefore = renames.size;
    for (const { name, form } of gone) {
      if (renames.has(name)) continue;
      const meaning = formMeaning(form, (one) => renames.get(one) ?? one);
      const match = byMeaning.get(meaning)?.find((one) => !taken.has(one.name));
      if (match === undefined) continue;
      renames.set(name, match.name);
      taken.add(match.name);
    }
  }
  return renames;
}

type Users = ReadonlyMap<string, readonly string[]>;

/** For each definition: those that use it directly. */
function usersOf({ byName }: DefinitionsOfModules): Users {
  const users = new Map<string, string[]>();
  for (const { name, references } of byName.values()) {
    for (const used of references) {
      const list = users.get(used);
      if (list === undefined) users.set(used, [name]);
      else list.push(name);
    }
  }
  return users;
}

function reachOf(
  name: string,
  users: Users,
  { experiments }: DefinitionsOfModules,
): readonly string[] {
  const reached = new Set([name]);
  for (const one of reached) for (const user of users.get(one) ?? []) reached.add(user); // grows while it is gone through
  reached.delete(name);
  return [...experiments].flatMap(([file, made]) => (reached.has(made) ? [file] : [])).toSorted();
}
