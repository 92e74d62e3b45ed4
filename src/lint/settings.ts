/** `lockstep.config.ts`: settings of a project. They are read from the source, never run. */
import { ExpError, type ConfigIssue } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import { evaluate } from "../diff/source/evaluate.ts";
import type { Form } from "../diff/source/form.ts";
import type { SourceModule, SourceModules } from "../diff/source/modules.ts";
import type { LintLimits } from "./rule.ts";
import { ruleIds, type RuleId } from "./rule-ids.ts";

/** What `lockstep.config.ts` exports as default: `export default { lint: { … } } satisfies ProjectSettings`. */
export interface ProjectSettings {
  readonly lint?: LintSettings;
}

/** How `exp lint` looks at the project. */
export interface LintSettings {
  /** Rules that are switched off: `{ "missing-unit": false }`. */
  readonly rules?: Readonly<Partial<Record<RuleId, boolean>>>;
  /** What is told of beside what is asked for: whole numbers from 1. */
  readonly limits?: Readonly<Partial<LintLimits>>;
  /** What is looked at when no files are named, relative to the project. Default: `experiments` and what it imports. */
  readonly folders?: readonly string[];
}

/** Settings that are complete. */
export interface FullSettings {
  readonly isOff: (id: RuleId) => boolean;
  readonly limits: LintLimits;
  /** Absent for the folder of the experiments. */
  readonly folders?: readonly string[];
}

/** What holds where a project says nothing. */
export const defaultLimits: LintLimits = {
  lineage: 4,
  writes: 2,
  aliasDepth: 3,
  aliasUses: 3,
};

/**
 * The settings of a project.
 * @param module - `lockstep.config.ts`, where there is one.
 * @throws {ExpError} `config`, with everything that is wrong with it.
 */
export function readSettings(
  modules: SourceModules,
  module: SourceModule | undefined,
): FullSettings {
  const written = module && exportedForm(modules, module);
  if (module === undefined || written === undefined)
    return { isOff: () => false, limits: defaultLimits };
  const issues: ConfigIssue[] = [];
  const settings = checked(valueOf(written, [], issues), { module, form: written, issues });
  if (issues.length > 0) {
    throw new ExpError("config", `${module.file} cannot be used.`, { issues });
  }
  const { rules = {}, limits = {}, folders } = settings.lint ?? {};
  return {
    isOff: (id) => rules[id] === false,
    limits: { ...defaultLimits, ...limits },
    ...(folders && { folders }),
  };
}

function exportedForm(modules: SourceModules, module: SourceModule): Form | undefined {
  const found = module.exported.get("default");
  const value =
    found?.kind === "expression"
      ? found.value
      : found?.kind === "binding"
        ? constantOf(module, found.name)
        : undefined;
  return value && evaluate(value, { modules, module, reading: [], read: evaluate });
}

function constantOf(
  { bindings }: SourceModule,
  name: string,
): Parameters<typeof evaluate>[0] | undefined {
  const binding = bindings.get(name);
  return binding?.kind === "constant" ? binding.value : undefined;
}

/** A form as plain data; what only running it would tell is an issue. */
function valueOf(form: Form, path: Path, issues: ConfigIssue[]): unknown {
  switch (form.kind) {
    case "value":
      return form.value;
    case "list":
      return form.items.map((item, index) => valueOf(item, [...path, index], issues));
    case "object":
      return Object.fromEntries(
        [...form.fields].map(([key, field]) => [key, valueOf(field, [...path, key], issues)]),
      );
    default:
      issues.push(
        issueAt(form, path, "is computed; settings are read and never run, so write it out"),
      );
      return undefined;
  }
}

function issueAt({ at }: Pick<Form, "at">, path: Path, message: string): ConfigIssue {
  const origin = { kind: "source", file: at.file, line: at.line, column: 1, isKey: true } as const;
  return { path, message, origin };
}

interface Checking {
  readonly module: SourceModule;
  readonly form: Form;
  readonly issues: ConfigIssue[];
}

type Check = (value: unknown) => string | undefined;

const isFlag: Check = (value) =>
  typeof value === "boolean" ? undefined : "expected true or false";
const isCount: Check = (value) =>
  Number.isSafeInteger(value) && Number(value) >= 1 ? undefined : "expected a whole number from 1";
const areFolders: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string")
    ? undefined
    : "expected a list of folders";

function checked(value: unknown, checking: Checking): ProjectSettings {
  const top = fieldsOf(value, [], ["lint"], checking);
  const inner = fieldsOf(top["lint"], ["lint"], ["rules", "limits", "folders"], checking);
  const rules = fieldsOf(inner["rules"], ["lint", "rules"], ruleIds, checking);
  const limits = fieldsOf(
    inner["limits"],
    ["lint", "limits"],
    Object.keys(defaultLimits),
    checking,
  );
  checkEach(rules, ["lint", "rules"], isFlag, checking);
  checkEach(limits, ["lint", "limits"], isCount, checking);
  const { folders } = inner;
  if (folders !== undefined) checkEach({ folders }, ["lint"], areFolders, checking);
  const lint = { rules, limits, ...(folders === undefined ? {} : { folders }) };
  return { lint: lint as LintSettings }; // checked just now
}

/** The fields of an object, if it has no others than those that are known. */
function fieldsOf(
  value: unknown,
  path: Path,
  ...[known, { form, issues }]: readonly [readonly string[], Checking]
): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (!isPlainObject(value)) {
    issues.push(issueAt(formAt(form, path), path, "expected an object"));
    return {};
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    const advice = meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`;
    issues.push(issueAt(formAt(form, [...path, key]), [...path, key], `is no setting: ${advice}`));
  }
  return value;
}

function checkEach(
  fields: Readonly<Record<string, unknown>>,
  path: Path,
  ...[check, { form, issues }]: readonly [Check, Checking]
): void {
  for (const [key, value] of Object.entries(fields)) {
    const problem = value === undefined ? undefined : check(value);
    if (problem === undefined) continue;
    issues.push(issueAt(formAt(form, [...path, key]), [...path, key], problem));
  }
}

/** The form nearest to a path. */
function formAt(form: Form, path: Path): Form {
  let found = form;
  for (const key of path) {
    const next = found.kind === "object" ? found.fields.get(String(key)) : undefined;
    if (next === undefined) return found;
    found = next;
  }
  return found;
}
