/** What differs between two codes, by file and package: what a code hash does not count is passed over. */
import { extname } from "node:path";
import { transformSync, type Loader } from "esbuild";
import type { CodeFile } from "./code-files.ts";
import type { PackageFacts } from "./packages.ts";

/** The code of a run; a part that is not known is absent. */
export interface ComparedCode {
  readonly files?: readonly CodeFile[] | undefined;
  readonly packages?: readonly PackageFacts[] | undefined;
}

/** Short texts such as `changed src/step.ts` and `package zod 4.1.0 → 4.2.0`; at least one. */
export function changedCode(before: ComparedCode, now: ComparedCode): readonly string[] {
  const texts = [
    ...fileTexts(before.files, now.files),
    ...packageTexts(before.packages, now.packages),
  ];
  if (texts.length > 0) return texts;
  const isKnown = before.files !== undefined && now.files !== undefined;
  return [isKnown ? "the way it is put together" : "other files, which ones is not known"];
}

function fileTexts(before: ComparedCode["files"], now: ComparedCode["files"]): readonly string[] {
  if (before === undefined || now === undefined) return [];
  const earlier = new Map(before.map(({ path, text }) => [path, text]));
  const current = new Map(now.map(({ path, text }) => [path, text]));
  return [
    ...[...current].flatMap(([path, text]) => {
      const old = earlier.get(path);
      if (old === undefined) return [`added ${path}`];
      return old === text || meaning(old, path) === meaning(text, path) ? [] : [`changed ${path}`];
    }),
    ...[...earlier.keys()].filter((path) => !current.has(path)).map((path) => `removed ${path}`),
  ];
}

const loaders: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".jsx": "jsx",
  ".json": "json",
};

/** A module without types, comments and formatting; a text that is none stands for itself. */
function meaning(text: string, path: string): string {
  const loader = loaders[extname(path)] ?? "js";
  try {
    return transformSync(text, {
      loader,
      minifyWhitespace: true,
      legalComments: "none",
      logLevel: "silent",
    }).code;
  } catch {
    return text;
  }
}

function packageTexts(
  before: ComparedCode["packages"],
  now: ComparedCode["packages"],
): readonly string[] {
  if (before === undefined || now === undefined) return [];
  const names = [...new Set([...before, ...now].map(({ name }) => name))].toSorted();
  return names.flatMap((name) => {
    const [earlier, current] = [versionsOf(name, before), versionsOf(name, now)];
    return earlier.full === current.full
      ? []
      : [`package ${name} ${packageChange(earlier, current)}`];
  });
}

interface Versions {
  /** For humans. */
  readonly shown: string;
  readonly full: string;
}

/** A package may be there in several versions. */
function versionsOf(name: string, packages: readonly PackageFacts[]): Versions {
  const all = packages.filter((one) => one.name === name);
  const shown = all.map(({ version }) => version).join(", ");
  return { shown, full: all.map(({ version, integrity }) => `${version} ${integrity}`).join(", ") };
}

function packageChange(earlier: Versions, current: Versions): string {
  if (earlier.shown === current.shown) return `${current.shown} in another build`;
  return `${earlier.shown || "(none)"} → ${current.shown || "(none)"}`;
}
