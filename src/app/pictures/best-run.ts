/** Everything of one run for a page, read from its files. What is missing or damaged is left out. */
import { join } from "node:path";
import { isPlainObject, type JsonValue } from "../../core/json.ts";
import { formatPath, type Path } from "../../core/path.ts";
import type { BestRun, NamedText, OriginatedValue } from "../../report/page/runs-report.ts";
import { createFileSystem } from "../../store/file-system.ts";
import { parseObject } from "../../store/json-file.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { redactArguments } from "../../store/redact-arguments.ts";
import { maskConfigValue } from "../../store/redact-config.ts";
import { runFiles } from "../../store/run-layout.ts";

/** A document that is longer is not shown in a page. */
const maxDocument = 200_000;

/**
 * The run as a page tells it.
 * @param differing - Paths of the config by which the runs of the page differ.
 */
export function bestRun(store: string, run: IndexedRun, differing: ReadonlySet<string>): BestRun {
  const directory = join(store, run.directory);
  const provenance = objectIn(directory, runFiles.provenance)["values"];
  const origins = isPlainObject(provenance) ? provenance : {};
  const reproduce = readText(directory, runFiles.reproduce);
  return {
    name: run.name,
    experiment: String(run.facts["experiment"] ?? "?"),
    config: [...run.config].map(([path, value]): OriginatedValue => ({
      path,
      value: valueText(maskConfigValue(path, value)),
      origin: originOf(origins[path]),
      isDiffering: differing.has(path),
    })),
    environment: environmentOf(objectIn(directory, runFiles.environment)),
    identities: identitiesOf(run),
    commands: run.status === "finished" ? commandsFor(run.name) : [],
    ...(reproduce === undefined || reproduce.length > maxDocument ? {} : { reproduce }),
  };
}

function valueText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function readText(directory: string, path: string): string | undefined {
  try {
    return createFileSystem().readText(join(directory, path));
  } catch {
    return undefined; // told by exp fsck; the rest of the run can be shown all the same
  }
}

function objectIn(directory: string, path: string): Record<string, unknown> {
  return parseObject(readText(directory, path) ?? "") ?? {};
}

/** The last assignment gave the value. */
function originOf(assignments: unknown): string {
  const last: unknown = Array.isArray(assignments) ? assignments.at(-1) : undefined;
  if (!isPlainObject(last)) return "not recorded";
  const { layer, by, file, line, argument } = last;
  const place =
    typeof file === "string" && typeof line === "number"
      ? `${file}:${line}`
      : typeof argument === "string"
        ? redactArguments([argument]).join("")
        : undefined;
  const parts = [layer, by, place].filter((part) => typeof part === "string");
  return parts.length === 0 ? "not recorded" : parts.join("  ");
}

const identityNames = [
  "configHash",
  "groupHash",
  "codeHash",
  "dataHash",
  "environmentClass",
  "weightsDigest",
  "traceDigest",
];

function identitiesOf({ runKey, facts }: IndexedRun): readonly NamedText[] {
  const known = identityNames.flatMap((name) => {
    const value = facts[name];
    return value === undefined ? [] : [{ name, text: String(value) }];
  });
  return [{ name: "runKey", text: runKey }, ...known];
}

function commandsFor(name: string): readonly NamedText[] {
  return [
    {
      name: `exp verify ${name}`,
      text: "executes it again from its stored code and compares every step, metric and file",
    },
    {
      name: `exp checkout ${name} --to FOLDER`,
      text: "writes what it was made from into a folder: sources, config, lock file, uncommitted changes",
    },
    { name: `exp rerun ${name}`, text: "executes its config by today's code" },
    {
      name: `exp archive ${name}`,
      text: "writes it into one file, which exp import takes on another machine",
    },
  ];
}

/** Facts that are long and that nobody reads; they stay in environment.json. */
const hidden = /^(?:format|git\.untracked|git\.diff\b.*)$/u;
const maxFacts = 100;

function environmentOf(facts: Record<string, unknown>): readonly NamedText[] {
  return leaves(facts, [])
    .filter(({ name }) => !hidden.test(name))
    .slice(0, maxFacts);
}

const maxDepth = 8;

function leaves(value: unknown, path: Path): readonly NamedText[] {
  if (isPlainObject(value) && path.length < maxDepth) {
    return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
  }
  const name = formatPath(path);
  if (typeof value === "string") return [{ name, text: value }];
  const text = Array.isArray(value)
    ? value.map(itemText).join(", ")
    : JSON.stringify(value ?? null);
  return [{ name, text }];
}

/** A package is its name and its version. */
function itemText(item: unknown): string {
  if (!isPlainObject(item)) return typeof item === "string" ? item : JSON.stringify(item);
  const { name, version } = item;
  return typeof name === "string" && typeof version === "string"
    ? `${name} ${version}`
    : JSON.stringify(item);
}
