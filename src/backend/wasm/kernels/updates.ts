/**
 * In-place kernels over arrays that training keeps in the memory of the backend. Each gives undefined or false, having
 * done nothing, where an array lies elsewhere or another backend is in use.
 */
import * as loops from "../../kernels/updates.ts";
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

/** The arrays of one parameter, the parameter itself first, all of one length; and whether decay applies to it. */
export interface UpdatedArrays {
  readonly arrays: readonly Float32Array[];
  readonly isDecayed: boolean;
}

interface Update {
  readonly kernel: string;
  readonly all: readonly UpdatedArrays[];
  readonly flags?: readonly number[];
  readonly constants: readonly number[];
}

/** Bytes of an entry of the table; see `assembly/updates.ts`. */
const entryBytes = 32;

/** One call for all parameters. */
function updateAll({ kernel, all, flags = [], constants }: Update): boolean {
  const site = siteOf(all.flatMap(({ arrays }) => arrays));
  if (site === undefined) return false;
  const entries: Entry[] = [];
  let place = 0;
  for (const { arrays, isDecayed } of all) {
    const addresses = site.addresses.slice(place, place + arrays.length);
    entries.push({ addresses, length: arrays[0]?.length ?? 0, flag: Number(isDecayed) });
    place += arrays.length;
  }
  withTable(site.workshop, entries, (table, numPieces) => {
    const integers = [table, ...flags];
    site.workshop.run(kernel, numPieces, { integers, doubles: constants });
  });
  return true;
}

interface Entry {
  /** At most four. */
  readonly addresses: readonly Address[];
  /** Elements of each. */
  readonly length: number;
  readonly flag: number;
}

/** The entries cut into pieces, in their order, as `assembly/updates.ts` reads them. */
function withTable<Result>(
  workshop: Workshop,
  entries: readonly Entry[],
  use: (table: Address, numPieces: number) => Result,
): Result {
  let count = 0;
  for (const { length } of entries) count += numPieces(length, elementsAPiece);
  return workshop.withScratch(count * entryBytes, (table) => {
    const words = workshop.integers(table, (count * entryBytes) / 4);
    let at = 0;
    for (const { addresses, length, flag } of entries) {
      for (let first = 0; first < length; first += elementsAPiece, at += entryBytes / 4) {
        words[at] = Math.min(elementsAPiece, length - first);
        for (let i = 0; i < 4; i++) {
          const address = addresses[i] ?? 0;
          words[at + 1 + i] = address === 0 ? 0 : address + first * 4;
        }
        words[at + 5] = flag;
      }
    }
    return use(table, count);
  });
}

/** Adam and AdamW; the arrays are parameter, gradient, mean and square. See `adamUpdate` of the loops. */
export function fastAdam(all: readonly UpdatedArrays[], constants: loops.AdamConstants): boolean {
  const { beta1, beta2, l2Penalty } = constants;
  const { epsilon, stepSize, decay } = loops.adamStep(constants);
  const means = [beta1, 1 - beta1, beta2, 1 - beta2];
  return updateAll({
    kernel: "adamUpdate",
    all,
    constants: [...means, l2Penalty, epsilon, stepSize, decay],
  });
}

/** The arrays are parameter, gradient and momentum. See `lionUpdate` of the loops. */
export function fastLion(
  all: readonly UpdatedArrays[],
  { decay, learningRate, beta1, beta2 }: loops.LionConstants,
): boolean {
  const constants = [1 - decay, learningRate, beta1, 1 - beta1, beta2, 1 - beta2];
  return updateAll({ kernel: "lionUpdate", all, constants });
}

/** The arrays are parameter, gradient and, with momentum, its buffer. See `sgdUpdate` of the loops. */
export function fastSgd(
  all: readonly UpdatedArrays[],
  { learningRate, momentum, nesterov, l2Penalty }: loops.SgdConstants,
): boolean {
  const constants = [learningRate, momentum, l2Penalty];
  return updateAll({ kernel: "sgdUpdate", all, flags: [Number(nesterov)], constants });
}

interface InPlace {
  readonly kernel: string;
  /** Of one length; the first decides it. */
  readonly arrays: readonly [Float32Array, ...Float32Array[]];
  readonly constants: readonly number[];
}

function update({ kernel, arrays, constants }: InPlace): boolean {
  const site = siteOf(arrays);
  if (site === undefined) return false;
  const { length } = arrays[0];
  const integers = [length, elementsAPiece, ...site.addresses];
  site.workshop.run(kernel, numPieces(length, elementsAPiece), { integers, doubles: constants });
  return true;
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
 * The sums of the squares of each array in double precision: of stretches of 16,384 elements, each in four lanes, and then
 * of these in their order. The number of threads changes nothing.
 */
export function fastSquaredNorms(all: readonly Float32Array[]): readonly number[] | undefined {
  const site = siteOf(all);
  if (site === undefined) return undefined;
  const { workshop, addresses } = site;
  const entries = all.map(({ length }, index): Entry => {
    return { addresses: [addresses[index] ?? 0], length, flag: 0 };
  });
  return withTable(workshop, entries, (table, count) =>
    workshop.withScratch(8 * count, (sums) => {
      workshop.run("squaredSums", count, [table, sums]);
      const parts = workshop.doubles(sums, count);
      let place = 0;
      return all.map(({ length }) => {
        let sum = 0;
        for (let first = 0; first < length; first += elementsAPiece) sum += parts[place++] ?? NaN;
        return sum;
      });
    }),
  );
}
