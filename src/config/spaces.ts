/**
 * Combinators over whole changes. They only record their layers and the call; which runs come of them is found when
 * the definition is resolved. The later a layer stands, the faster it varies.
 */
import { formatPath } from "../core/path.ts";
import { isPlainObject } from "../core/json.ts";
import { callSite, type CallSite } from "./call-site.ts";
import { holdsStandIn, orStandIn } from "./collect-misuses.ts";
import {
  createLayer,
  layerData,
  type Condition,
  type LayerData,
  type SpaceData,
  type SpaceLayerData,
} from "./definition.ts";
import { createMarker } from "./markers.ts";
import { describeValue, isFunction, misuse } from "./misuse.ts";
import { patchLayer, recordLayers, type LayerContext } from "./record-layers.ts";
import type { AnyCombinators, Space } from "./space-types.ts";
import { patchAxes } from "./zip-axes.ts";

/** The functions without a task: which one they are for is a matter of types alone. */
type Combinators = AnyCombinators<unknown, unknown>;

/**
 * One run for each named change, in the order written; the name is what plans and tables show.
 * @param parameters - The changes by their names (patches, fragments, presets or further combinators; a
 *   whole group of presets too), with the name of
 *   the axis in front if wanted; without one it is `variant`.
 * @throws {ExpError} `config` for no changes, and for names that are numbers, whose order JavaScript does not keep.
 * @example variants({ small: { model: { numLayers: 2 } }, large: { model: { numLayers: 12 } } })
 */
export const variants: Combinators["variants"] = (...parameters: readonly unknown[]) => {
  const call = callSite(variants);
  return recordSpace(call, () => variantsData(parameters, call));
};

function variantsData(parameters: readonly unknown[], call: CallSite): SpaceData {
  const [first, second] = parameters;
  const isNamed = typeof first === "string";
  const changes = isNamed ? second : first;
  if (isNamed && !/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(first)) {
    throw misuse(call, `variants(): ${JSON.stringify(first)} cannot be the name of an axis.`);
  }
  if (!isPlainObject(changes) || Object.keys(changes).length === 0) {
    const found = isPlainObject(changes) ? "an empty object" : describeValue(changes);
    throw misuse(call, `variants() takes an object of named changes, found ${found}.`);
  }
  const alternatives = Object.entries(changes).map(([name, change]) => {
    const place = { call, argument: isNamed ? 1 : 0, name };
    return { name: checkedName(name, call), layer: namedLayer(change, place) };
  });
  return { form: "variants", ...(isNamed ? { axis: first } : {}), alternatives };
}

function checkedName(name: string, call: CallSite): string {
  const problem =
    name === "" || name === "__proto__" || /^\d+$/.test(name)
      ? "cannot be the name of a variant"
      : undefined;
  if (problem === undefined) return name;
  throw misuse(call, `variants(): ${JSON.stringify(name)} ${problem}.`);
}

function namedLayer(
  change: unknown,
  {
    call,
    argument,
    name,
  }: { readonly call: CallSite; readonly argument: number; readonly name: string },
): LayerData {
  const label = `variants ${JSON.stringify(name)}`;
  const recorded = layerData(change);
  if (recorded?.kind === "patch") return { ...recorded, label: `${label}: ${recorded.label}` };
  if (recorded !== undefined) return recorded;
  if (!isPlainObject(change)) {
    const found = `${JSON.stringify(name)} is ${describeValue(change)}`;
    throw misuse(call, `variants(): ${found}, expected an object of changes.`);
  }
  const layer = patchLayer(change, { label, call, argument });
  return { ...layer, literal: { ...layer.literal, keys: [name] } };
}

/**
 * All axes inside of the patch advance together: the first value of each, then the second of each.
 * @throws {ExpError} `config` without axes, and for axes with unequal numbers of values, which are named.
 * @example zip({ optimizer: { learningRate: choice(1e-4, 3e-4) }, training: { batchSize: choice(16, 32) } })
 */
export const zip: Combinators["zip"] = (patch) => {
  const call = callSite(zip);
  return recordSpace(call, () => zipData(patch, call));
};

function zipData(patch: unknown, call: CallSite): SpaceData {
  const layer = patchLayer(patch, { label: "zip", call, argument: 0 });
  const axes = patchAxes(layer.patch);
  if (axes.length === 0 && !holdsStandIn(layer.patch)) {
    throw misuse(call, "zip() found no axis inside.", "Write choice(…) or range(…) for a value.");
  }
  if (new Set(axes.map(({ values }) => values.length)).size > 1) {
    const sizes = axes.map(({ path, values }) => `${formatPath(path)} has ${values.length}`);
    throw misuse(call, `zip() takes axes with equally many values: ${sizes.join(", ")}.`);
  }
  return { form: "zip", layer };
}

/**
 * All layers, one after the other: every combination of their axes. A chain of layers means the same; `product` makes
 * it one layer, for `concat`, `variants` and `when`.
 * @throws {ExpError} `config` without layers.
 */
export const product: Combinators["product"] = (...layers) => {
  const call = callSite(product);
  return recordSpace(call, () => {
    return { form: "product", layers: someLayers(layers, { label: "product", call, argument: 0 }) };
  });
};

/**
 * The runs of the first layer, then those of the second, and so on; runs that are equal are made once.
 * @throws {ExpError} `config` without layers.
 * @example concat({ seed: range(0, 3) }, { model: { numLayers: choice(2, 4) } }) // 5 runs
 */
export const concat: Combinators["concat"] = (...layers) => {
  const call = callSite(concat);
  return recordSpace(call, () => {
    return { form: "concat", layers: someLayers(layers, { label: "concat", call, argument: 0 }) };
  });
};

/**
 * Layers that hold only in runs whose config meets a condition. Runs that do not meet it are made all the same, without
 * these layers and their axes.
 * @param condition - Pure; is given what the layers before this one make of a config, derived values included, with
 *   what the command line sets.
 * @throws {ExpError} `config` for a condition that is no function, and without layers.
 * @example when((c) => c.optimizer.kind === "sgd", { optimizer: { momentum: choice(0, 0.9) } })
 */
export const when: Combinators["when"] = (condition, ...layers) => {
  const call = callSite(when);
  return recordSpace(call, () => {
    const checked = checkedCondition(condition, "when", call);
    const recorded = someLayers(layers, { label: "when", call, argument: 1 });
    return { form: "when", condition: checked, layers: recorded };
  });
};

/**
 * Only runs whose config meets a condition. Runs that do not are left out before they are checked, so that combinations
 * which a rule forbids can be left out by it.
 * @param keep - Pure; is given the config of the whole run, with all layers and derived values.
 * @throws {ExpError} `config` for a condition that is no function.
 * @example filter((c) => c.model.hiddenSize % c.model.numHeads === 0)
 */
export const filter: Combinators["filter"] = (keep) => {
  const call = callSite(filter);
  return recordSpace(call, () => filterData(keep, call));
};

/**
 * The same with several seeds.
 * @param seeds - How many, from 0 upwards; or the seeds themselves.
 * @throws {ExpError} `config` for anything but a number or numbers from 0, without a fraction.
 * @example repeat(3) // the seeds 0, 1 and 2
 */
export const repeat: Combinators["repeat"] = (seeds) => {
  const call = callSite(repeat);
  return recordSpace<never, never>(call, () => repeatData(seeds, call));
};

function repeatData(seeds: unknown, call: CallSite): SpaceData {
  const values: readonly unknown[] | undefined =
    typeof seeds === "number"
      ? countedSeeds(seeds, call)
      : Array.isArray(seeds)
        ? seeds
        : undefined;
  if (values === undefined || values.length === 0) {
    throw misuse(
      call,
      `repeat() takes a number of seeds or a list of seeds, found ${describeValue(seeds)}.`,
    );
  }
  const wrong = values.find((seed) => !Number.isSafeInteger(seed) || Number(seed) < 0);
  if (wrong !== undefined) {
    throw misuse(call, `repeat(): a seed is an integer from 0, found ${describeValue(wrong)}.`);
  }
  const seed = createMarker({
    kind: "choice",
    values: Object.freeze([...values]),
    from: "repeat",
    call,
  });
  const layer = patchLayer({ seed }, { label: "repeat", call, argument: 0 });
  return { form: "product", layers: [layer] };
}

const maxSeeds = 1_000_000;

function countedSeeds(count: number, call: CallSite): readonly number[] {
  if (Number.isSafeInteger(count) && count >= 1 && count <= maxSeeds)
    return Array.from({ length: count }, (_, index) => index);
  throw misuse(call, `repeat() takes a number of seeds from 1 to ${maxSeeds}, found ${count}.`);
}

function someLayers(layers: readonly unknown[], context: LayerContext): readonly LayerData[] {
  const { label, call } = context;
  if (layers.length === 0) throw misuse(call, `${label}() needs at least one layer.`);
  return Object.freeze(recordLayers(layers, context));
}

function checkedCondition(condition: unknown, name: string, call: CallSite): Condition {
  if (isFunction(condition)) return condition;
  throw misuse(call, `${name}() takes a function, found ${describeValue(condition)}.`);
}

function filterData(keep: unknown, call: CallSite): SpaceData {
  return { form: "filter", condition: checkedCondition(keep, "filter", call) };
}

/** What a combinator gives back; the stand-in of a wrong call changes nothing. */
function recordSpace<C, I>(call: CallSite, record: () => SpaceData): Space<C, I> {
  return orStandIn(
    () => createSpace<C, I>(call, record()),
    () => createSpace<C, I>(call, { form: "product", layers: [] }),
  );
}

function createSpace<C, I>(call: CallSite, space: SpaceData): Space<C, I> {
  const data: SpaceLayerData = { kind: "space", call, space };
  const filter: Space<C, I>["filter"] = (keep) => {
    const filterCall = callSite(filter);
    return recordSpace(filterCall, () => {
      const kept = filterData(keep, filterCall);
      return {
        form: "product",
        layers: [data, { kind: "space", call: filterCall, space: kept }],
      };
    });
  };
  return createLayer(data, { filter });
}
