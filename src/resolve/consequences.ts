/** Which problems only follow from others: whoever computes with a wrong value is not to blame for what comes out. */
import { formatPath, startsWith, type Path } from "../core/path.ts";
import type { Build } from "./build.ts";
import type { Problem } from "./problems.ts";

/** The problems without those of derived values that read, directly or not, what is wrong itself. */
export function causesOnly(problems: readonly Problem[], build: Build): readonly Problem[] {
  if (build.holes.length === 0) return problems;
  const wrong = [...build.broken, ...problems.map(({ path }) => path)];
  return problems.filter((problem) => {
    const hole = build.holes.find(({ path }) => startsWith(problem.path, path));
    const reads = hole && build.reads.get(formatPath(hole.path));
    if (hole === undefined || reads === undefined) return true;
    const causes = wrong.filter((path) => path.length > 0 && !startsWith(path, hole.path));
    return ![...reads.values()].some((read) => causes.some((path) => isAround(read, path)));
  });
}

function isAround(one: Path, other: Path): boolean {
  return startsWith(one, other) || startsWith(other, one);
}
