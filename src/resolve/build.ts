/**
 * From a merged tree to the config of one run: axes get their value, absent fields their default, locations are taken
 * relative to the project. Derived values leave a hole that is filled afterwards.
 */
import { isInputMarker, type MarkerData } from "../config/markers.ts";
import type { Path } from "../core/path.ts";
import type { Layer } from "./layers.ts";
import { createChooser, type Axis, type Chooser, type Point } from "./axes.ts";
import { absentInput, type InputReader } from "./inputs.ts";
import { rebaseLocation, type Folders, type Location } from "./locations.ts";
import { defaultTree, merge, treeOf } from "./merge.ts";
import { requiredText, type Place, type Report } from "./problems.ts";
import { childViews, listView, objectView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { leafValue, type ComputedTree, type DeferredTree, type Tree } from "./tree.ts";

/** What stands in a config under construction where a derived value will come. */
export class Hole {
  readonly path: Path;
  readonly view: SchemaView | undefined;
  readonly marker: MarkerData & { readonly kind: "derived" | "reference" };
  /** Whose line a problem stands at. */
  readonly place: Place;

  constructor(at: Pick<Hole, "path" | "view">, marker: Hole["marker"], layer: Layer | undefined) {
    this.path = at.path;
    this.view = at.view;
    this.marker = marker;
    const { call } = marker;
    const isCall = marker.kind === "derived" || layer === undefined;
    this.place = isCall ? { kind: "call", call } : { kind: "layer", layer, path: at.path };
  }
}

/** A config under construction: plain objects and lists that are still changed. */
export type Draft = Record<string | number, unknown>;

export interface Build {
  readonly root: Draft;
  readonly holes: readonly Hole[];
  /** Places whose value was refused already; nothing more needs to be said about them. */
  readonly broken: Path[];
  /** What each hole was computed from, directly or not, by the text of its path; known once it is filled. */
  readonly reads: Map<string, Map<string, Path>>;
}

export interface BuildRequest {
  readonly tree: Tree | undefined;
  readonly view: SchemaView;
  readonly axes: ReadonlyMap<string, Axis>;
  readonly point: Point;
  readonly folders: Folders;
  readonly inputs?: InputReader | undefined;
  readonly report: Report;
}

interface BuildContext {
  readonly holes: Hole[];
  readonly broken: Path[];
  readonly locations: Location[];
  readonly inputs: InputReader | undefined;
  readonly report: Report;
  readonly choose: Chooser;
}

interface BuildPlace {
  readonly path: Path;
  readonly view: SchemaView | undefined;
  readonly context: BuildContext;
}

/** Stands for "nothing": `undefined` is no value of a config. */
const nothing = undefined;

/** Builds the draft of one run. */
export function buildDraft(request: BuildRequest): Build {
  const { tree, view, axes, point, folders, inputs, report } = request;
  const choose = createChooser(axes, point);
  const context: BuildContext = { holes: [], broken: [], locations: [], inputs, report, choose };
  const start = tree ?? { kind: "object", fields: new Map() };
  const root = build(start, { path: [], view, context }) as Draft; // the schema of a task is an object
  for (const location of context.locations) rebaseLocation(root, location, folders);
  return { root, holes: context.holes, broken: context.broken, reads: new Map() };
}

/** A derived value as it goes into the config: a plain copy, with the defaults of what it leaves out. */
export function buildDerived(value: unknown, hole: Hole, report: Report): unknown {
  const choose = (): undefined => undefined;
  const place = { path: hole.path, view: hole.view, layer: undefined, report };
  const context: BuildContext = {
    holes: [],
    broken: [],
    locations: [],
    inputs: undefined,
    report,
    choose,
  };
  const built = build(treeOf(value, place), { path: hole.path, view: hole.view, context });
  if (context.holes.length > 0) report({ path: hole.path, message: "gave derived() again" });
  return built;
}

function build(tree: Tree, at: BuildPlace): unknown {
  switch (tree.kind) {
    case "leaf":
      return tree.value;
    case "object":
      return buildObject(tree.fields, at);
    case "list": {
      const view = listView(at.view);
      const items = tree.items.map((item, index) =>
        buildChild(item, { ...at, path: [...at.path, index], view: view?.entry(index) }),
      );
      return items.filter((item) => item !== nothing); // taken away in this run
    }
    case "computed":
      return buildComputed(tree, at);
    case "deferred": {
      const chosen = choose(tree, at);
      return chosen === undefined ? nothing : build(chosen, at);
    }
    case "broken":
      break;
  }
  at.context.broken.push(at.path);
  return nothing;
}

/** What an axis leaves in one run; where its value is taken away again, the default returns. */
function choose(tree: DeferredTree, at: BuildPlace): Tree | undefined {
  const { path, view, context } = at;
  let chosen = tree.base;
  for (const { patch, layer } of tree.steps) {
    const { inputs, report, choose } = context;
    chosen = merge(chosen, patch, { path, view, layer, inputs, report, choose });
  }
  return chosen ?? absent(at);
}

function buildComputed({ marker, layer }: ComputedTree, at: BuildPlace): unknown {
  if (isComputable(marker)) {
    const hole = new Hole(at, marker, layer);
    at.context.holes.push(hole);
    return hole;
  }
  at.context.report({
    path: at.path,
    message: isInputMarker(marker) ? absentInput(marker) : requiredText,
    place: { kind: "call", call: marker.call },
  });
  at.context.broken.push(at.path);
  return nothing;
}

function isComputable(marker: ComputedTree["marker"]): marker is Hole["marker"] {
  return marker.kind === "derived" || marker.kind === "reference";
}

/** A location is remembered with its holder, because what it is relative to may depend on another field. */
function buildChild(tree: Tree, at: BuildPlace): unknown {
  const location = at.view?.facts.location;
  if (location !== undefined && tree.kind === "leaf" && tree.layer !== undefined) {
    const { layer } = tree;
    const { insideOf, orRun = false } = location;
    at.context.locations.push({ path: at.path, layer, insideOf, orRun });
  }
  if (location !== undefined && tree.kind === "deferred") {
    const chosen = choose(tree, at);
    return chosen === undefined ? nothing : buildChild(chosen, at);
  }
  return build(tree, at);
}

function buildObject(fields: ReadonlyMap<string, Tree>, at: BuildPlace): Draft {
  const discriminator = unionView(at.view)?.discriminator;
  const kind = discriminator === undefined ? undefined : leafValue(fields.get(discriminator));
  const view = objectView(at.view, kind);
  const draft: Draft = {};
  // In the order of the schema, so that every config reads alike; what the schema lacks comes last.
  const keys =
    view === undefined ? fields.keys() : new Set([...view.fields().keys(), ...fields.keys()]);
  for (const key of keys) {
    const child = { ...at, path: [...at.path, key], view: view && childViews(view, key)[0] };
    const tree = fields.get(key) ?? absent(child);
    const value = tree === undefined ? nothing : buildChild(tree, child);
    if (value !== nothing) draft[key] = value;
  }
  return draft;
}

function absent({ path, view, context }: BuildPlace): Tree | undefined {
  return defaultTree({ path, view, layer: undefined, report: context.report });
}
