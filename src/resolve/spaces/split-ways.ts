/**
 * Asks a condition of `when` about every way. Where its answer hangs on axes, the way is split: one way for each of
 * their values, and only of theirs. Where it hangs on the command line's alternatives, for each of these.
 */
import { startsWith, type Path } from "../../core/path.ts";
import { axisPlaces, collectAxes, type Axis } from "../axes.ts";
import { buildDraft, type Build } from "../build.ts";
import { askCondition, type Check } from "./conditions.ts";
import { fillDerived } from "../derived.ts";
import { axisSizes, coordinatesAt, gridSize, pointAt, requireRunnable } from "./grid.ts";
import type { InputReader } from "../inputs.ts";
import type { Folders } from "../locations.ts";
import type { Problem } from "../problems.ts";
import { isKind } from "../preset-kinds.ts";
import { viewsAt } from "../schema-queries.ts";
import type { SchemaView } from "../schema-view.ts";
import type { Tree } from "../tree.ts";
import type { FixedAxis, Way } from "./way.ts";

export interface SplitScope {
  readonly view: SchemaView;
  readonly folders: Folders;
  readonly inputs: InputReader | undefined;
  /** For a condition that gives no answer in a run. */
  readonly reportIn: (problem: Problem, way: Way) => void;
}

export interface AskScope extends SplitScope {
  /** What comes of a way with the command line: a condition sees it, so that overriding a value is like writing it. */
  readonly look: (way: Way) => readonly Way[];
}

export interface SplitWays {
  readonly met: readonly Way[];
  readonly unmet: readonly Way[];
}

/** The ways on which a condition holds, and those on which it does not. */
export function splitWays(ways: readonly Way[], check: Check, scope: AskScope): SplitWays {
  const axes = axesReader(scope.view);
  const met: Way[] = [];
  const unmet: Way[] = [];
  for (const way of ways) {
    const parts = scope.look(way).flatMap((seen) => {
      const { tree } = seen.branch;
      return answers(seen, { tree, ...axes(tree), check, scope });
    });
    const [first] = parts;
    const isSame = parts.every(({ answer }) => answer === first?.answer);
    if (isSame) (first?.answer === true ? met : unmet).push(way);
    else for (const part of parts) (part.answer ? met : unmet).push(decided(way, part.way));
  }
  return { met, unmet };
}

/** The way on which what was looked at will come about. */
function decided(way: Way, { choices, fixed }: Way): Way {
  const planned = new Map(way.planned);
  for (const { node, index } of choices.slice(way.choices.length)) planned.set(node, index);
  return { ...way, fixed, planned };
}

interface TreeAxes {
  readonly axes: readonly Axis[];
  /** What an axis may change, by its name. */
  readonly places: ReadonlyMap<string, Path>;
}

/** Ways that share a tree share its axes. */
function axesReader(view: SchemaView): (tree: Tree | undefined) => TreeAxes {
  const known = new Map<Tree | undefined, TreeAxes>();
  return (tree) => {
    const places = (): ReadonlyMap<string, Path> => axisPlaces(tree, (path) => isKind(path, view));
    const found = known.get(tree) ?? { axes: collectAxes(tree), places: places() };
    known.set(tree, found);
    return found;
  };
}

interface Question extends TreeAxes {
  readonly tree: Tree | undefined;
  readonly check: Check;
  readonly scope: SplitScope;
}

interface Answer {
  readonly way: Way;
  readonly answer: boolean;
}

/**
 * The answers along the axes that they hang on. A condition is asked along those alone that it reads: first along none,
 * and again whenever it read something that hangs on another one.
 */
function answers(way: Way, question: Question): readonly Answer[] {
  const read = new Set<string>();
  const known = new Map<string, boolean>();
  for (;;) {
    const open = question.axes.filter(
      ({ name, marker }) => read.has(name) && way.fixed.get(name)?.axis.marker !== marker,
    );
    const count = gridSize(open);
    requireRunnable(count, () => axisSizes(open));
    const numRead = read.size;
    const parts = Array.from({ length: count }, (_, index): Answer => {
      const coordinates = coordinatesAt(open, index);
      const part = withFixed(way, open, coordinates);
      const key = pointName(open, coordinates);
      const answer = known.get(key) ?? ask(part, question, read);
      known.set(key, answer);
      return { way: part, answer };
    });
    if (read.size === numRead) return alongRelevant(way, open, parts);
  }
}

/** Equal for points that differ in no axis: one that a point does not say has its first value. */
function pointName(axes: readonly Axis[], coordinates: readonly number[]): string {
  const moved = axes.flatMap(({ name }, axis) =>
    coordinates[axis] === 0 ? [] : [`${name} ${coordinates[axis]}`],
  );
  return moved.join("\n");
}

/** The answers of a grid, along those of its axes that change any. */
function alongRelevant(
  way: Way,
  open: readonly Axis[],
  parts: readonly Answer[],
): readonly Answer[] {
  const isRelevant = open.map((_, axis) => changesAnswer(parts, open, axis));
  if (!isRelevant.includes(true)) return [{ way, answer: parts[0]?.answer === true }];
  const relevant = open.filter((_, axis) => isRelevant[axis]);
  return parts.flatMap(({ answer }, index) => {
    const coordinates = coordinatesAt(open, index);
    const isFirst = coordinates.every((value, axis) => value === 0 || isRelevant[axis] === true);
    if (!isFirst) return [];
    const own = coordinates.filter((_, axis) => isRelevant[axis]);
    return [{ way: withFixed(way, relevant, own), answer }];
  });
}

/** Whether another value of one axis gives another answer anywhere. */
function changesAnswer(parts: readonly Answer[], axes: readonly Axis[], axis: number): boolean {
  const stride = gridSize(axes.slice(axis + 1));
  const size = axes[axis]?.values.length ?? 1;
  return parts.some(({ answer }, index) => {
    const first = index - (Math.floor(index / stride) % size) * stride;
    return parts[first]?.answer !== answer;
  });
}

function withFixed(way: Way, axes: readonly Axis[], coordinates: readonly number[]): Way {
  const fixed = new Map<string, FixedAxis>(way.fixed);
  for (const [position, axis] of axes.entries())
    fixed.set(axis.name, { axis, index: coordinates[position] ?? 0 });
  return { ...way, fixed };
}

/** @param read - Gets the names of all axes that the answer may hang on. */
function ask(way: Way, question: Question, read: Set<string>): boolean {
  const { tree, axes, check, scope } = question;
  const { view, folders, inputs } = scope;
  const coordinates = axes.map(({ name }) => way.fixed.get(name)?.index ?? 0);
  const point = pointAt(axes, coordinates);
  const byName = new Map(axes.map((axis) => [axis.name, axis]));
  const report = (): void => {}; // said of the whole config
  const build = buildDraft({ tree, view, axes: byName, point, folders, inputs, report });
  fillDerived(build, view, report);
  const outcome = askCondition(check, build.root, {
    view,
    ask: (path, what) => {
      for (const name of axesBehind(path, what, { ...question, build })) read.add(name);
    },
  });
  if (outcome.kind === "answer") return outcome.value;
  scope.reportIn(outcome.problem, withFixed(way, axes, coordinates));
  return false;
}

/** The names of the axes that may change what a condition asked for: all, where it is computed from other values. */
function axesBehind(
  path: Path,
  what: "value" | "keys",
  { places, build, scope }: Question & { readonly build: Build },
): Iterable<string> {
  const changes = (place: Path): boolean =>
    startsWith(path, place) || (what === "keys" && startsWith(place, path));
  const isInside = ({ facts }: SchemaView): boolean => facts.location?.insideOf !== undefined;
  const isComputed =
    build.holes.some((hole) => changes(hole.path)) || viewsAt(scope.view, path).some(isInside);
  if (isComputed) return places.keys();
  return [...places].flatMap(([name, place]) => (changes(place) ? [name] : []));
}
