/** Looking for tokens and passwords in code that is kept with runs: code is stored as it is, since its hash says so. */
import type { FileSystem } from "../store/file-system.ts";
import { secretLines } from "../store/redact.ts";
import { parsePack } from "../store/snapshot-pack.ts";
import { codeFiles, type CodeFile } from "../resolve/code-files.ts";
import type { PlacedFile } from "../store/archive/archived-files.ts";
import type { StoredCode } from "../store/code-store.ts";
import type { PreparedPlan } from "./plan-experiment.ts";

/** Places with what has the shape of a token or a password, as `file:line`; each text once, by the first of its names. */
export function secretsInCode(files: Iterable<CodeFile>): readonly string[] {
  const texts = new Map<string, string>();
  for (const { path, text } of files) if (!texts.has(text)) texts.set(text, path);
  return [...texts].flatMap(([text, path]) => secretLines(text).map((line) => `${path}:${line}`));
}

/** What to tell before the code of a plan is stored; nothing where no secret is seen in it. */
export function secretsWarning({
  code,
  resolution,
}: Pick<PreparedPlan, "code" | "resolution">): string | undefined {
  const reached = codeFiles(code.files, resolution.projectDirectory);
  const found = secretsInCode([...resolution.sources, ...reached]);
  if (found.length === 0) return undefined;
  return `${secretPlaces(found)}: this code is stored with the run, and goes wherever the run goes. Write secret("NAME") and readSecret() instead, and withdraw what was written.`;
}

/** Part of a sentence that names them, without what stands there. */
export function secretPlaces(found: readonly string[]): string {
  const shown = found.slice(0, maxShown).join(", ");
  const left = found.length - maxShown;
  const rest = left > 0 ? ` and ${left} more places` : "";
  return `What looks like a token or a password stands in ${shown}${rest}`;
}

const maxShown = 5;

/**
 * The same for the stored code of a run: its sources, the files of its program, and its snapshot.
 * @param placed - The files that belong to the run.
 * @param code - Of the run, where it is known.
 */
export function secretsInStoredCode(
  files: FileSystem,
  placed: readonly PlacedFile[],
  code: Pick<StoredCode, "files"> | undefined,
): readonly string[] {
  const own = placed.filter(({ path }) => path.startsWith(".code/"));
  const among = (folder: string): readonly CodeFile[] =>
    own
      .filter(({ path }) => path.split("/")[2] === folder)
      .flatMap((file) => contents(files, file));
  return secretsInCode([...among("sources"), ...(code?.files ?? []), ...among("snapshots")]);
}

/** The files in a stored one: a pack holds many. Names are those in their set of sources, or in their snapshot. */
function contents(files: FileSystem, { source, path }: PlacedFile): readonly CodeFile[] {
  const bytes = files.read(source) ?? new Uint8Array();
  const text = (part: Uint8Array): string => Buffer.from(part).toString("utf8");
  const packed = path.endsWith(".pack") ? parsePack(bytes) : undefined;
  if (packed !== undefined)
    return packed.files.map((file) => ({ path: file.path, text: text(file.bytes) }));
  const [, , , , ...inside] = path.split("/"); // .code/<codeHash>/<sources or snapshots>/<name>/…
  const place = inside[0] === "tree" ? inside.slice(1) : inside;
  return [{ path: place.join("/"), text: text(bytes) }];
}
