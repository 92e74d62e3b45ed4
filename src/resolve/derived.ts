/**
 * Values computed from the resolved tree. The order is not declared but found: whoever reads another derived value makes
 * it be computed first, and a circle is named path by path.
 */
import { formatPath, valueAt, type Path } from "../core/path.ts";
import { isThrown } from "../core/thrown.ts";
import { buildDerived, type Build, type Draft, type Hole } from "./build.ts";
import { errorText, type Report } from "./problems.ts";
import { readReference, UnsetReference, type Reference } from "./references.ts";
import type { SchemaView } from "./schema-view.ts";
import { viewsAt } from "./schema-queries.ts";
import { suggestPath } from "./suggest-path.ts";
import { AbsentRead, trackedConfig } from "./tracked.ts";
import { typeValue } from "./type-value.ts";

/** Thrown through a user's function to end it; what it stands for is reported already, or will be by validation. */
class GivenUp extends Error {}

interface Filling {
  readonly build: Build;
  readonly view: SchemaView;
  readonly report: Report;
  readonly done: Map<Hole, { readonly value: unknown }>;
  readonly failed: Set<Hole>;
  /** The holes that are being computed, outermost first. */
  readonly stack: Hole[];
  config: unknown;
}

/**
 * Computes every derived value of a draft and puts it in its place. What cannot be computed is reported, and its path
 * added to the draft's broken ones.
 */
export function fillDerived(build: Build, view: SchemaView, report: Report): void {
  if (build.holes.length === 0) return;
  const filling: Filling = {
    build,
    view,
    report,
    done: new Map(),
    failed: new Set(),
    stack: [],
    config: undefined,
  };
  filling.config = trackedConfig(build.root, view, {
    fill: (hole) => fill(hole, filling),
    read: (path) => noteRead(path, filling),
  });
  for (const hole of build.holes) {
    try {
      fill(hole, filling);
    } catch (error) {
      if (!(error instanceof GivenUp)) throw error;
    }
  }
}

function fill(hole: Hole, filling: Filling): unknown {
  const done = filling.done.get(hole);
  if (done !== undefined) return done.value;
  if (filling.failed.has(hole)) throw new GivenUp();
  if (filling.stack.includes(hole)) {
    reportCycle(hole, filling);
    throw new GivenUp();
  }
  filling.stack.push(hole);
  try {
    const value = compute(hole, filling);
    filling.done.set(hole, { value });
    const holder = valueAt(filling.build.root, hole.path.slice(0, -1)) as Draft; // holes stand in what was built
    holder[hole.path.at(-1) ?? ""] = value;
    return value;
  } catch (error) {
    giveUp(hole, filling);
    throw error;
  } finally {
    filling.stack.pop();
  }
}

/** Who asked for a value asked for all that it was computed from. */
function noteRead(path: Path, { build, stack }: Filling): void {
  const name = formatPath(path);
  for (const hole of stack) {
    const own = formatPath(hole.path);
    const reads = build.reads.get(own) ?? new Map<string, Path>();
    build.reads.set(own, reads);
    reads.set(name, path);
    for (const [inner, innerPath] of build.reads.get(name) ?? []) reads.set(inner, innerPath);
  }
}

function giveUp(hole: Hole, { build, failed }: Filling): void {
  if (failed.has(hole)) return;
  failed.add(hole);
  build.broken.push(hole.path);
  const holder = valueAt(build.root, hole.path.slice(0, -1)) as Draft;
  delete holder[hole.path.at(-1) ?? ""];
}

function compute(hole: Hole, filling: Filling): unknown {
  const { marker, path, place } = hole;
  const numFailed = filling.failed.size;
  let result: unknown;
  try {
    result =
      marker.kind === "derived" ? marker.compute(filling.config) : refer(marker, hole, filling);
  } catch (error) {
    if (isThrown(error, GivenUp)) throw error;
    reportThrown(error, hole, filling);
    throw new GivenUp();
  }
  // A function that caught the end of another one must not go on with half of what it asked for.
  if (filling.failed.size > numFailed) throw new GivenUp();
  if (result === undefined) {
    filling.report({ path, message: "is derived, and its function gave undefined", place });
    throw new GivenUp();
  }
  return checkedResult(result, hole, filling);
}

/** The referenced value as the field takes it: a text where only a text may stand. */
function refer(marker: Reference, { view }: Hole, { config }: Filling): unknown {
  const value = readReference(marker, config);
  return typeof value === "object" ? value : typeValue(value, view ? [view] : [], undefined);
}

function checkedResult(result: unknown, hole: Hole, filling: Filling): unknown {
  const { place } = hole;
  let isRefused = false;
  let value: unknown;
  try {
    value = buildDerived(result, hole, (problem) => {
      isRefused = true;
      filling.report({ ...problem, message: `is derived, and ${problem.message}`, place });
    });
  } catch (error) {
    if (isThrown(error, GivenUp)) throw error; // it gave a part of the config that cannot be computed
    reportThrown(error, hole, filling); // getters and traps of what it gave
    throw new GivenUp();
  }
  if (isRefused) throw new GivenUp();
  return value;
}

function reportThrown(error: unknown, hole: Hole, { view, report }: Filling): void {
  const { path, place, marker } = hole;
  if (isThrown(error, UnsetReference)) {
    if (viewsAt(view, error.path).length > 0) report({ path, message: error.message, place });
    return;
  }
  if (isThrown(error, AbsentRead)) {
    // A missing value is reported when the config is validated, a wrong reference when the command line is read.
    if (error.isKnown) return;
    const isKnown = viewsAt(view, error.path).length > 0;
    const verb = marker.kind === "reference" ? "refers to" : "is derived from";
    if (isKnown) {
      const message = `${verb} ${formatPath(error.path)}, which a config of this kind does not have`;
      return report({ path, message, place });
    }
    if (marker.kind === "reference") return;
    const suggestion = suggestPath(view, error.path);
    const message = `is derived from ${formatPath(error.path)}, which is no path of the config`;
    return report({ path, message, place, ...(suggestion === undefined ? {} : { suggestion }) });
  }
  report({ path, message: `is derived, and its function threw ${errorText(error)}`, place });
}

function reportCycle(hole: Hole, { stack, report, failed }: Filling): void {
  const circle = [...stack.slice(stack.indexOf(hole)), hole];
  if (circle.some((member) => failed.has(member))) return;
  report({
    path: hole.path,
    message: `is derived from itself: ${circle.map(({ path }) => formatPath(path)).join(" → ")}`,
    place: hole.place,
  });
}
