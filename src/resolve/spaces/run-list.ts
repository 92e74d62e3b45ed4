/** The runs that the ways through a definition ask for, in the order of the plan. */
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { formatPath, type Path } from "../../core/path.ts";
import { collectAxes, type Axis, type Point } from "../axes.ts";
import { axisSlots } from "./axis-slots.ts";
import type { Branch } from "./branch.ts";
import { axisSizes, coordinatesAt, gridSize, pointAt, requireRunnable } from "./grid.ts";
import { isOverwritten, placeOfValue } from "./pinned.ts";
import { compareRuns, compareSlots, type Slot, type Step } from "./run-order.ts";
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
  /** What tells the run from others, in the order of the plan. */
  readonly axisValues: JsonObject;
}

export interface RunList {
  /** Names of all that varies, in the order of the plan. */
  readonly axes: readonly string[];
  readonly count: number;
  readonly runs: Iterable<RunPoint>;
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
  const distinct = withoutRepeats(grids);
  const count = distinct.reduce((sum, { size }) => sum + size, 0);
  const [first] = distinct;
  requireRunnable(count, () =>
    distinct.length === 1 && first
      ? axisSizes(first.open)
      : `${distinct.length} combinations of changes`,
  );
  const isSorted = distinct.length <= 1;
  return { axes: axisNames(distinct), count, runs: isSorted ? runsOf(distinct) : sorted(distinct) };
}

interface OrderedBranch {
  readonly branch: Branch;
  readonly axes: readonly Axis[];
  readonly byName: ReadonlyMap<string, Axis>;
  readonly slots: ReadonlyMap<string, Slot>;
}

function orderBranch(branch: Branch): OrderedBranch {
  const alive = collectAxes(branch.tree);
  const slots = axisSlots(branch, alive);
  const slotOf = ({ name }: Axis): Slot => slots.get(name) ?? [0, 0, 0];
  const axes = alive.toSorted((first, second) => compareSlots(slotOf(first), slotOf(second)));
  return { branch, axes, byName: new Map(axes.map((axis) => [axis.name, axis])), slots };
}

/** What one way asks for: the grid of those axes that no condition has decided. */
interface WayGrid {
  readonly ordered: OrderedBranch;
  readonly choices: readonly Choice[];
  readonly open: readonly Axis[];
  /** Index of the value, for alive axes that are decided. */
  readonly decided: ReadonlyMap<string, number>;
  readonly size: number;
  /** What is shown of each run, in order. */
  readonly columns: readonly Column[];
}

interface Column {
  readonly name: string;
  readonly slot: Slot;
  readonly read: (point: Point) => JsonValue;
}

function gridOf(
  { branch, choices, fixed }: Way,
  ordered: OrderedBranch,
  names: ReadonlyMap<unknown, string>,
): WayGrid {
  const decided = new Map<string, number>();
  for (const { name, marker } of ordered.axes) {
    const known = fixed.get(name);
    if (known?.axis.marker === marker) decided.set(name, known.index);
  }
  const open = ordered.axes.filter(({ name }) => !decided.has(name));
  const shown = choices.flatMap((choice) => choiceColumns(choice, branch));
  const varied = ordered.axes.map(({ name }): Column => {
    const read = (point: Point): JsonValue => {
      const value = point.get(name);
      return names.get(value) ?? (value as JsonValue); // checked as plain data when it was merged
    };
    return { name, slot: ordered.slots.get(name) ?? [0, 0, 0], read };
  });
  const columns = [...shown, ...varied].toSorted((first, second) =>
    compareSlots(first.slot, second.slot),
  );
  return { ordered, choices, open, decided, size: gridSize(open), columns };
}

function choiceColumns({ slot, values, writers }: Choice, branch: Branch): readonly Column[] {
  return values.flatMap((value): readonly Column[] => {
    const read = (): JsonValue => value.value;
    if (value.path === undefined) return [{ name: value.name, slot, read }];
    const path: Path = placeOfValue(value, branch.tree);
    return isOverwritten(path, writers, branch) ? [] : [{ name: formatPath(path), slot, read }];
  });
}

/** Where an axis that a condition was asked about is replaced later, its values make no difference any more. */
function withoutRepeats(grids: readonly WayGrid[]): readonly WayGrid[] {
  const seen = new Map<Branch, Set<string>>();
  return grids.filter(({ ordered, decided }) => {
    const known = seen.get(ordered.branch) ?? new Set<string>();
    seen.set(ordered.branch, known);
    const key = JSON.stringify([...decided]);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}

function axisNames(grids: readonly WayGrid[]): readonly string[] {
  const slots = new Map<string, Slot>();
  for (const { name, slot } of grids.flatMap(({ columns }) => columns)) {
    const known = slots.get(name);
    if (known === undefined || compareSlots(slot, known) < 0) slots.set(name, slot);
  }
  const ordered = [...slots].toSorted(([, first], [, second]) => compareSlots(first, second));
  return ordered.map(([name]) => name);
}

function* runsOf(grids: readonly WayGrid[]): Generator<RunPoint> {
  for (const grid of grids)
    for (let index = 0; index < grid.size; index++) yield runAt(grid, index);
}

function runAt({ ordered, open, decided, columns }: WayGrid, index: number): RunPoint {
  const { branch, axes, byName } = ordered;
  const coordinates = coordinatesAt(open, index);
  const own = new Map(open.map(({ name }, position) => [name, coordinates[position] ?? 0]));
  const point = pointAt(
    axes,
    axes.map(({ name }) => own.get(name) ?? decided.get(name) ?? 0),
  );
  const axisValues = Object.fromEntries(columns.map(({ name, read }) => [name, read(point)]));
  return { branch, axes: byName, point, axisValues };
}

function* sorted(grids: readonly WayGrid[]): Generator<RunPoint> {
  const places = grids.flatMap((grid) =>
    Array.from({ length: grid.size }, (_, index) => ({ grid, index, steps: stepsOf(grid, index) })),
  );
  places.sort((first, second) => compareRuns(first.steps, second.steps));
  for (const { grid, index } of places) yield runAt(grid, index);
}

function stepsOf({ ordered, choices, open, decided }: WayGrid, index: number): readonly Step[] {
  const coordinates = coordinatesAt(open, index);
  const axisSteps = ordered.axes.map(({ name }): Step => {
    const position = open.findIndex((axis) => axis.name === name);
    const own = position === -1 ? decided.get(name) : coordinates[position];
    return { slot: ordered.slots.get(name) ?? [0, 0, 0], index: own ?? 0 };
  });
  return [...choices, ...axisSteps].toSorted((first, second) =>
    compareSlots(first.slot, second.slot),
  );
}
