/**
 * In-place kernels over arrays that training keeps in the memory of the backend. Each gives undefined or false, having
 * done nothing, where an array lies elsewhere or another backend is in use.
 */
import type * as loops from "../../kernels/updates.ts";
import { currentBackend } from "../current.ts";
import { elementsAPiece, numPieces, workshopOf, type Workshop } from "../fast-kernel.ts";
import type { Address } from "../memory.ts";

interface Site {
  readonly workshop: Workshop;
  readonly addresses: readonly Address[];
}

/** Where the arrays lie in the memory of the backend in use; undefined when one of them does not. */
function siteOf(arrays: readonly Float32Array[]): Site | undefined {
  const backend = currentBackend();
  if (backend === undefined) return undefined;
  const addresses: Address[] = [];
  for (const array of arrays) {
    const address = backend.parts.memory.addressOf(array);
    if (address === undefined) return undefined;
    addresses.push(address);
  }
  return { workshop: workshopOf(backend), addresses };
}

interface Update {
  readonly kernel: string;
  /** Of one length; the first decides it. */
  readonly arrays: readonly [Float32Array, ...Float32Array[]];
  readonly flags?: readonly number[];
  readonly constants: readonly number[];
}

function update({ kernel, arrays, flags = [], constants }: Update): boolean {
  const site = siteOf(arrays);
  if (site === undefined) return false;
  const { length } = arrays[0];
  const integers = [length, elementsAPiece, ...site.addresses, ...flags];
  site.workshop.run(kernel, numPieces(length, elementsAPiece), { integers, doubles: constants });
  return true;
}

/** Adam with an L2 penalty, or AdamW; see `adamUpdate` and `adamwUpdate` of the loops. */
export function fastAdam(
  { parameter, gradient, mean, square }: loops.AdamwArrays,
  constants: Omit<loops.AdamwConstants, "kept"> & {
    readonly kept?: number;
    readonly l2Penalty?: number;
  },
): boolean {
  const { kept = 1, beta1, beta2, epsilon, stepSize, rootCorrection, l2Penalty = 0 } = constants;
  const means = [beta1, 1 - beta1, beta2, 1 - beta2];
  return update({
    kernel: "adamUpdate",
    arrays: [parameter, gradient, mean, square],
    constants: [kept, ...means, epsilon, stepSize, rootCorrection, l2Penalty],
  });
}

/** See `lionUpdate` of the loops. */
export function fastLion(
  { parameter, gradient, momentum }: loops.LionArrays,
  { kept, learningRate, beta1, beta2 }: loops.LionConstants,
): boolean {
  return update({
    kernel: "lionUpdate",
    arrays: [parameter, gradient, momentum],
    constants: [kept, learningRate, beta1, 1 - beta1, beta2, 1 - beta2],
  });
}

/** See `sgdUpdate` of the loops. */
export function fastSgd(
  { parameter, gradient, buffer }: loops.SgdArrays,
  { learningRate, momentum, nesterov, l2Penalty }: loops.SgdConstants,
): boolean {
  const constants = [learningRate, momentum, l2Penalty];
  const kernel = "sgdUpdate";
  if (buffer === undefined) {
    return update({ kernel, arrays: [parameter, gradient], flags: [0, 0], constants });
  }
  const arrays = [parameter, gradient, buffer] as const;
  return update({ kernel, arrays: [...arrays], flags: [Number(nesterov)], constants });
}

/** See `scaleInPlace` of the loops. */
export function fastScale(values: Float32Array, factor: number): boolean {
  return update({ kernel: "scaleInPlace", arrays: [values], constants: [factor] });
}

/** See `moveTowards` of the loops. */
export function fastMove(average: Float32Array, values: Float32Array, momentum: number): boolean {
  const constants = [1 - momentum, momentum];
  return update({ kernel: "moveTowards", arrays: [average, values], constants });
}

/** Adds the second to the first, in place. */
export function fastAdd(values: Float32Array, added: Float32Array): boolean {
  const site = siteOf([values, added]);
  if (site === undefined) return false;
  const [to = 0, from = 0] = site.addresses;
  const size = values.length;
  const integers = [size, elementsAPiece, to, to, from, 0, size];
  site.workshop.run("combine", numPieces(size, elementsAPiece), integers);
  return true;
}

/**
 * The sum of the squares in double precision: of stretches of 16,384 elements, each in four lanes, and then of these in
 * their order. The number of threads changes nothing.
 */
export function fastSquaredNorm(values: Float32Array): number | undefined {
  const site = siteOf([values]);
  if (site === undefined) return undefined;
  const [address = 0] = site.addresses;
  const { workshop } = site;
  const pieces = numPieces(values.length, elementsAPiece);
  return workshop.withScratch(8 * (pieces + 1), (sums) => {
    const layout = [values.length, elementsAPiece, address, sums, 1];
    workshop.run("partialSums", pieces, layout);
    workshop.run("sumInOrder", 1, { integers: [pieces, sums, 0, sums], doubles: [1] });
    return workshop.double(sums);
  });
}
