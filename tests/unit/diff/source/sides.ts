/** Two sides of a comparison as texts. */
import { diffSources, type SourceDiff } from "../../../../src/diff/source/diff-sources.ts";
import { sourceModules } from "../../../../src/diff/source/modules.ts";
import { formatPath } from "../../../../src/core/path.ts";

/** Path → text. */
export type Files = Readonly<Record<string, string>>;

function diffTexts(before: Files, after: Files): SourceDiff {
  const side = (files: Files): Parameters<typeof diffSources>[0] => ({
    modules: sourceModules((file) => (Object.hasOwn(files, file) ? files[file] : undefined)),
    files: Object.keys(files),
  });
  return diffSources(side(before), side(after));
}

/** Each change in a line: `changed x.ts#default: optimizer.learningRate 0.001 → 0.01 (x.ts:3)`. */
export function told(before: Files, after: Files): readonly string[] {
  return diffTexts(before, after).definitions.flatMap((definition) => {
    const former = definition.formerName === undefined ? "" : ` was ${definition.formerName}`;
    const reaches =
      definition.reaches.length === 0 ? "" : ` reaches ${definition.reaches.join(", ")}`;
    const head = `${definition.status} ${definition.name}${former}${reaches}`;
    if (definition.changes.length === 0) return [head];
    return definition.changes.map(({ path, thing, before: old, after: now, unknown }) => {
      const at = now?.at ?? old?.at;
      const place = `${at?.file ?? ""}:${String(at?.line)}`;
      const note = unknown === undefined ? "" : ` [${unknown}]`;
      return `${head}: ${formatPath(path)} ${thing} ${old?.text ?? "(none)"} → ${now?.text ?? "(none)"} (${place})${note}`;
    });
  });
}
