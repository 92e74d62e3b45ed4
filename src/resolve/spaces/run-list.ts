/** The runs that the ways through a definition ask for, in the order of the plan. */
import type { JsonObject } from "../../core/json.ts";
import { formatPath, type Path } from "../../core/path.ts";
import { collectAxes, type Axis, type Point } from "../axes.ts";
import { axisSlots, endedAxes } from "./axis-slots.ts";
import type { Branch } from "./branch.ts";
import { axisSizes, coordinatesAt, gridSize, pointAt, requireRunnable } from "./grid.ts";
import { finalPlace, placeOfValue } from "./pinned.ts";
import { compareRuns, compareSlots, type Slot, type Step } from "./run-order.ts";
import { shownValues, type ShownColumn } from "./shown-values.ts";
import type { Choice, Way } from "./way.ts";

/** What the runs of one branch share, beside their axes. */
export interface BranchGrid {
  readonly branch: Branch;
  /** Alive in the branch, by name. */
  readonly axes: ReadonlyMap<string, Axis>;
}

/** One run before it is resolved. */
export interface RunPoint extends BranchGrid {
  readonly point: Point;
  /** What was written for all that varies, in the order of the plan: how problems name the run. */
  readonly axisValues: JsonObject;
  /** What tells the run from others, as its config has it. */
  readonly shown: (config: JsonObject) => JsonObject;
}

/** Runs that ask for the same as others, because a condition pinned what told them apart. */
export interface PinnedRuns {
  readonly count: number;
  /** What was written for the first of them. */
  readonly axisValues: JsonObject;
}

export interface RunList {
  /** Names of all that varies, in the order of the plan. */
  readonly axes: readonly string[];
  readonly count: number;
  readonly runs: Iterable<RunPoint>;
  /** Left out of the runs. */
  readonly pinned: readonly PinnedRuns[];
}

/**
 * All runs; the later something stands, the faster it varies.
 * @param names - For axes over presets: the preset's name by the value that stands for it.
 * @throws {ExpError} `config` for more than a million runs.
 */
export function listRuns(ways: readonly Way[], names: ReadonlyMap<unknown, string>): RunList {
  const branches = new Map<Branch, OrderedBranch>();
  const grids = ways.map((way) => {
    const branch = branches.get(way.branch) ?? orderBranch(way.branch);
    branches.set(way.branch, branch);
    return gridOf(way, branch, names);
  });
  const { distinct, pinned } = withoutRepeats(grids);
  const count = distinct.reduce((sum, { size }) => sum + size, 0);
  const [first] = distinct;
  requireRunnable(count, () =>
    distinct.length === 1 && first
      ? axisSizes(first.open)
      : `${distinct.length} combinations of changes`,
  );
  const all = columnPaths(distinct);
  const isSorted = distinct.length <= 1;
  const runs = isSorted ? runsOf(distinct, all) : sorted(distinct, all);
  return { axes: [...all.keys()], count, runs, pinned };
}

interface OrderedBranch {
  readonly branch: Branch;
  readonly axes: readonly Axis[];
  /** Names of those that a later layer took the place of. */
  readonly ended: readonly string[];
  readonly byName: ReadonlyMap<string, Axis>;
  readonly slots: ReadonlyMap<string, Slot>;
}

function orderBranch(branch: Branch): OrderedBranch {
  const alive = collectAxes(branch.tree);
  const ended = endedAxes(branch, alive);
  const slots = axisSlots(branch, [...alive, ...ended]);
  const slotOf = ({ name }: Axis): Slot => slots.get(name) ?? [0, 0, 0];
  const axes = alive.toSorted((first, second) => compareSlots(slotOf(first), slotOf(second)));
  const byName = new Map(axes.map((axis) => [axis.name, axis]));
  return { branch, axes, ended: ended.map(({ name }) => name), byName, slots };
}

/** What one way asks for: the grid of those axes that no condition has decided. */
interface WayGrid {
  readonly ordered: OrderedBranch;
  readonly choices: readonly Choice[];
  readonly fixed: Way["fixed"];
  readonly open: readonly Axis[];
  /** Index of the value, for alive axes that are decided. */
  readonly decided: ReadonlyMap<string, number>;
  readonly size: number;
  /** What is shown of each run, in order. */
  readonly columns: readonly Column[];
}

interface Column {
  readonly name: string;
  readonly path?: Path;
  readonly slot: Slot;
  readonly read: (point: Point) => Pick<ShownColumn, "written" | "isName">;
}

function gridOf(
  { branch, choices: taken, fixed }: Way,
  ordered: OrderedBranch,
  names: ReadonlyMap<unknown, string>,
): WayGrid {
  const choices = taken.map((choice) => ({ ...choice, slot: slotOfChoice(choice, ordered) }));
  const decided = new Map<string, number>();
  for (const { name, marker } of ordered.axes) {
    const known = fixed.get(name);
    if (known?.axis.marker === marker) decided.set(name, known.index);
  }
  const open = ordered.axes.filter(({ name }) => !decided.has(name));
  const shown = choices.flatMap((choice) => choiceColumns(choice, branch));
  const varied = ordered.axes.map(({ name, path }): Column => {
    const read: Column["read"] = (point) => {
      const value = point.get(name);
      return { written: names.get(value) ?? value, isName: names.has(value) };
    };
    return { name, path, slot: ordered.slots.get(name) ?? [0, 0, 0], read };
  });
  const columns = [...shown, ...varied].toSorted((first, second) =>
    compareSlots(first.slot, second.slot),
  );
  return { ordered, choices, fixed, open, decided, size: gridSize(open), columns };
}

/** What the command line zips or lists in place of an axis, in all alternatives, stands where the axis stood. */
function slotOfChoice({ node, slot, isGiven }: Choice, { ended, slots }: OrderedBranch): Slot {
  const lists = node.alternatives.map(({ values }) =>
    values.map(({ path, name }) => (path === undefined ? name : formatPath(path))),
  );
  const replaced = isGiven
    ? lists[0]?.find((name) => ended.includes(name) && lists.every((list) => list.includes(name)))
    : undefined;
  return (replaced === undefined ? undefined : slots.get(replaced)) ?? slot;
}

function choiceColumns({ slot, values, writers }: Choice, branch: Branch): readonly Column[] {
  return values.flatMap((value): readonly Column[] => {
    const { isName = false } = value;
    const read = (): ReturnType<Column["read"]> => ({ written: value.value, isName });
    if (value.path === undefined) return [{ name: value.name, slot, read }];
    const path = finalPlace(placeOfValue(value, branch.tree), writers, branch);
    return path === undefined ? [] : [{ name: formatPath(path), path, slot, read }];
  });
}

/** Where an axis that a condition was asked about is replaced later, its values make no difference any more. */
function withoutRepeats(grids: readonly WayGrid[]): {
  readonly distinct: readonly WayGrid[];
  readonly pinned: readonly PinnedRuns[];
} {
  const seen = new Map<Branch, Set<string>>();
  const distinct: WayGrid[] = [];
  const pinned: PinnedRuns[] = [];
  for (const grid of grids) {
    const { ordered, decided, size } = grid;
    const known = seen.get(ordered.branch) ?? new Set<string>();
    seen.set(ordered.branch, known);
    const key = JSON.stringify([...decided]);
    if (known.has(key)) pinned.push({ count: size, axisValues: pinnedValues(grid) });
    else distinct.push(grid);
    known.add(key);
  }
  return { distinct, pinned };
}

function pinnedValues({ fixed }: WayGrid): JsonObject {
  const entries = [...fixed].map(([name, { axis, index }]) => [name, axis.values[index]] as const);
  return Object.fromEntries(entries) as JsonObject; // plain data, as in `runAt`
}

/** The path of everything that varies in a plan, by its name; in the plan's order. */
function columnPaths(grids: readonly WayGrid[]): ReadonlyMap<string, Path | undefined> {
  const columns = new Map<string, Column>();
  for (const column of grids.flatMap((grid) => grid.columns)) {
    const known = columns.get(column.name);
    if (known === undefined || compareSlots(column.slot, known.slot) < 0)
      columns.set(column.name, column);
  }
  const ordered = [...columns.values()].toSorted((first, second) =>
    compareSlots(first.slot, second.slot),
  );
  return new Map(ordered.map(({ name, path }) => [name, path]));
}

type ColumnPaths = ReturnType<typeof columnPaths>;

function* runsOf(grids: readonly WayGrid[], all: ColumnPaths): Generator<RunPoint> {
  for (const grid of grids)
    for (let index = 0; index < grid.size; index++) yield runAt(grid, index, all);
}

function runAt(
  { ordered, open, decided, columns }: WayGrid,
  index: number,
  all: ColumnPaths,
): RunPoint {
  const { branch, axes, byName } = ordered;
  const coordinates = coordinatesAt(open, index);
  const own = new Map(open.map(({ name }, position) => [name, coordinates[position] ?? 0]));
  const point = pointAt(
    axes,
    axes.map(({ name }) => own.get(name) ?? decided.get(name) ?? 0),
  );
  const shown = columns.map(({ read, ...column }) => ({ ...column, ...read(point) }));
  const entries = shown.map(({ name, written }) => [name, written] as const);
  return {
    branch,
    axes: byName,
    point,
    axisValues: Object.fromEntries(entries) as JsonObject, // checked as plain data when it was merged
    shown: (config) => shownValues(shown, all, config),
  };
}

function* sorted(grids: readonly WayGrid[], all: ColumnPaths): Generator<RunPoint> {
  const places = grids.flatMap((grid) =>
    Array.from({ length: grid.size }, (_, index) => ({ grid, index, steps: stepsOf(grid, index) })),
  );
  places.sort((first, second) => compareRuns(first.steps, second.steps));
  for (const { grid, index } of places) yield runAt(grid, index, all);
}

/** An axis that was ended stands at the value that led there, so that its runs stand where they would without an end. */
function stepsOf(
  { ordered, choices, fixed, open, decided }: WayGrid,
  index: number,
): readonly Step[] {
  const coordinates = coordinatesAt(open, index);
  const slotOf = (name: string): Slot => ordered.slots.get(name) ?? [0, 0, 0];
  const endedSteps = ordered.ended.map((name): Step => {
    return { slot: slotOf(name), index: fixed.get(name)?.index ?? 0 };
  });
  const axisSteps = ordered.axes.map(({ name }): Step => {
    const position = open.findIndex((axis) => axis.name === name);
    const own = position === -1 ? decided.get(name) : coordinates[position];
    return { slot: slotOf(name), index: own ?? 0 };
  });
  return [...choices, ...axisSteps, ...endedSteps].toSorted((first, second) =>
    compareSlots(first.slot, second.slot),
  );
}
