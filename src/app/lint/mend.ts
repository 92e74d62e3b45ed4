/** `exp lint --fix`: edits that are kept only where every experiment resolves to the same as before. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyEdits } from "../../lint/apply-edits.ts";
import type { Finding } from "../../lint/lint.ts";
import type { Edit } from "../../lint/rule.ts";
import type { LintReport, Look } from "./lint-report.ts";

interface MendScope {
  /** Absolute. */
  readonly root: string;
  readonly again: () => Promise<Look>;
}

/** Deep enough for any object of which everything goes. */
const maxRounds = 200;

/**
 * Mends round by round, each of which changes an object at most once. A round after which an experiment resolves to
 * something else is taken back, and its edits are tried one by one.
 */
export async function mend(first: Look, scope: MendScope): Promise<LintReport> {
  const fixed: Finding[] = [];
  const refused = new Set<string>();
  let look = first;
  for (let round = 0; round < maxRounds; round++) {
    const chosen = chooseFindings(look, refused);
    if (chosen.length === 0) break;
    const after = await tryEdits(chosen, look, scope);
    if (after !== undefined) {
      fixed.push(...chosen);
      look = after;
      continue;
    }
    const [one] = chosen;
    if (one === undefined) break;
    const alone = chosen.length > 1 ? await tryEdits([one], look, scope) : undefined;
    if (alone === undefined) refused.add(keyOf(one));
    else {
      fixed.push(one);
      look = alone;
    }
  }
  return { ...look.report, fixed };
}

/** One for each object, and none that overlaps an earlier one. */
function chooseFindings({ report }: Look, refused: ReadonlySet<string>): readonly Finding[] {
  const taken: Edit[] = [];
  return report.findings.filter((finding) => {
    const { edits } = finding;
    if (edits === undefined || refused.has(keyOf(finding))) return false;
    const isFree = edits.every((edit) => taken.every((other) => !areClose(edit, other)));
    if (isFree) taken.push(...edits);
    return isFree;
  });
}

function areClose(one: Edit, other: Edit): boolean {
  if (one.file !== other.file) return false;
  const isSameObject = one.within !== undefined && one.within === other.within;
  return isSameObject || (one.start < other.end && other.start < one.end);
}

/** What the project looks like afterwards; `undefined` where something resolved otherwise, and all is as it was. */
async function tryEdits(
  findings: readonly Finding[],
  before: Look,
  { root, again }: MendScope,
): Promise<Look | undefined> {
  const edits = findings.flatMap((finding) => finding.edits ?? []);
  const files = [...new Set(edits.map(({ file }) => file))];
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
  for (const [file, text] of texts) {
    const own = edits.filter((edit) => edit.file === file);
    writeFileSync(join(root, file), applyEdits(text, own));
  }
  const restore = (): void => {
    for (const [file, text] of texts) writeFileSync(join(root, file), text);
  };
  try {
    const after = await again();
    if (isSame(before, after)) return after;
  } catch (error) {
    restore();
    throw error;
  }
  restore();
  return undefined;
}

function isSame(before: Look, after: Look): boolean {
  const texts = ({ evaluation }: Look): readonly string[] => [
    ...evaluation.experiments.map(({ file, fingerprint }) => `${file} ${fingerprint()}`),
    ...evaluation.failures.map(({ file }) => file),
  ];
  const [old, now] = [texts(before), texts(after)];
  return old.length === now.length && old.every((text, index) => text === now[index]);
}

function keyOf({ rule, file, message }: Finding): string {
  return JSON.stringify([rule, file, message]);
}
