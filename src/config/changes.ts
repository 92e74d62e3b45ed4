/** Markers that change what was inherited in another way than merging: objects merge, lists and scalars replace. */
import { callSite } from "./call-site.ts";
import { isStandIn, markerOrStandIn } from "./collect-misuses.ts";
import { createMarker, markerData } from "./markers.ts";
import type { Fit, Got, ListEdit, Remove, Replace } from "./marker-types.ts";
import { misuse } from "./misuse.ts";
import { snapshot, snapshotList } from "./snapshot.ts";

/**
 * The given object as it is, instead of merging it into the inherited one.
 * @throws {ExpError} `config` where the value is itself a marker.
 * @example training: replace({ numSteps: 100, batchSize: 8 })
 */
export function replace<T, const V = T>(value: Fit<T, V>): Replace<Got<T, V>> {
  const call = callSite(replace);
  const marker = markerData(value);
  return markerOrStandIn(call, () => {
    if (marker && !isStandIn(value))
      throw misuse(call, `replace() takes a value, found the marker ${marker.kind}().`);
    return createMarker({ kind: "replace", value: snapshot(value, call), call });
  });
}

/**
 * Takes an inherited optional field, or an entry of a record, away; its default returns.
 * @example training: { maxGradNorm: remove() }
 */
export function remove(): Remove {
  return createMarker({ kind: "remove", call: callSite(remove) });
}

/**
 * Adds items behind those of the inherited list.
 * @param items - At least one.
 * @throws {ExpError} `config` without items.
 * @example tags: append("wide")
 */
export function append<E, const V = E>(...items: Fit<E, V>[]): ListEdit<Got<E, V>> {
  const call = callSite(append);
  return markerOrStandIn(call, () => {
    if (items.length === 0) throw misuse(call, "append() needs at least one item.");
    return createMarker({ kind: "append", items: copyItems(items, call), call });
  });
}

/**
 * Adds items before those of the inherited list, in the order given.
 * @param items - At least one.
 * @throws {ExpError} `config` without items.
 */
export function prepend<E, const V = E>(...items: Fit<E, V>[]): ListEdit<Got<E, V>> {
  const call = callSite(prepend);
  return markerOrStandIn(call, () => {
    if (items.length === 0) throw misuse(call, "prepend() needs at least one item.");
    return createMarker({ kind: "prepend", items: copyItems(items, call), call });
  });
}

function copyItems(
  items: readonly unknown[],
  call: ReturnType<typeof callSite>,
): readonly unknown[] {
  return snapshotList(items, (item) => snapshot(item, call));
}
