/**
 * Asks a condition of `when` about every way. Where its answer hangs on axes, the way is split: one way for each of
 * their values, and only of theirs.
 */
import { collectAxes, type Axis } from "../axes.ts";
import type { Branch } from "./branch.ts";
import { buildDraft } from "../build.ts";
import type { CommandLineLayer } from "../command-line.ts";
import { askCondition, type Check } from "./conditions.ts";
import { fillDerived } from "../derived.ts";
import { axisSizes, coordinatesAt, gridSize, pointAt, requireRunnable } from "./grid.ts";
import type { InputReader } from "../inputs.ts";
import type { Folders } from "../locations.ts";
import { mergeCommandLine } from "../merge-layers.ts";
import type { Problem } from "../problems.ts";
import type { SchemaView } from "../schema-view.ts";
import type { Tree } from "../tree.ts";
import type { FixedAxis, Way } from "./ways.ts";

export interface SplitScope {
  readonly view: SchemaView;
  readonly folders: Folders;
  readonly inputs: InputReader | undefined;
  /** What the command line will set: a condition sees it, so that overriding a value is like writing it. */
  readonly given: readonly CommandLineLayer[];
  /** For a condition that gives no answer in a run. */
  readonly reportIn: (problem: Problem, way: Way) => void;
}

export interface SplitWays {
  readonly met: readonly Way[];
  readonly unmet: readonly Way[];
}

/** The ways on which a condition holds, and those on which it does not. */
export function splitWays(ways: readonly Way[], check: Check, scope: SplitScope): SplitWays {
  const trees = new Map<
    Branch,
    { readonly tree: Tree | undefined; readonly axes: readonly Axis[] }
  >();
  const met: Way[] = [];
  const unmet: Way[] = [];
  for (const way of ways) {
    const known = trees.get(way.branch) ?? withCommandLine(way.branch, scope);
    trees.set(way.branch, known);
    for (const { way: part, answer } of answers(way, { ...known, check, scope }))
      (answer ? met : unmet).push(part);
  }
  return { met, unmet };
}

function withCommandLine(
  { tree }: Branch,
  { given, view, inputs }: SplitScope,
): { readonly tree: Tree | undefined; readonly axes: readonly Axis[] } {
  // What is wrong with the command line is said of the whole config, not of this part of it.
  const merged = mergeCommandLine(tree, given, { view, inputs, report: () => {} });
  return { tree: merged, axes: collectAxes(merged) };
}

interface Question {
  readonly tree: Tree | undefined;
  readonly axes: readonly Axis[];
  readonly check: Check;
  readonly scope: SplitScope;
}

interface Answer {
  readonly way: Way;
  readonly answer: boolean;
}

function answers(way: Way, question: Question): readonly Answer[] {
  const open = question.axes.filter(
    ({ name, marker }) => way.fixed.get(name)?.axis.marker !== marker,
  );
  const count = gridSize(open);
  requireRunnable(count, () => axisSizes(open));
  const parts = Array.from({ length: count }, (_, index): Answer => {
    const part = withFixed(way, open, coordinatesAt(open, index));
    return { way: part, answer: ask(part, question) };
  });
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

function ask(way: Way, { tree, axes, check, scope }: Question): boolean {
  const { view, folders, inputs } = scope;
  const coordinates = axes.map(({ name }) => way.fixed.get(name)?.index ?? 0);
  const point = pointAt(axes, coordinates);
  const byName = new Map(axes.map((axis) => [axis.name, axis]));
  const report = (): void => {}; // said of the whole config
  const build = buildDraft({ tree, view, axes: byName, point, folders, inputs, report });
  fillDerived(build, view, report);
  const outcome = askCondition(check, build.root, view);
  if (outcome.kind === "answer") return outcome.value;
  scope.reportIn(outcome.problem, way);
  return false;
}
