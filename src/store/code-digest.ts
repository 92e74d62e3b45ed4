/** Whether stored code is what the name of its folder says. */
import { codeHashOf, type CodePackage } from "../core/code-hash.ts";
import { sha256 } from "../core/hash.ts";

/** So many places where two entries may meet are tried in all ways: 1,024. Found so far: one a task. */
const maxSeams = 10;

/**
 * Whether a program and its packages come to a code hash. The program is its entries with a line's end between them, and
 * where one ends is not stored: each place where it could is tried. With more such places than can be tried, it is not denied.
 */
export function isCodeOf(
  codeHash: string,
  { bundle, packages }: { readonly bundle: string; readonly packages: readonly CodePackage[] },
): boolean {
  const seams = [...bundle.matchAll(/^\n/gmu)].map(({ index }) => index);
  if (seams.length > maxSeams) return true;
  const digests = new Map<string, string>();
  const digestOf = (start: number, end: number): string => {
    const place = `${start}-${end}`;
    const digest = digests.get(place) ?? sha256(bundle.slice(start, end));
    digests.set(place, digest);
    return digest;
  };
  for (let choice = 0; choice < 1 << seams.length; choice++) {
    const cuts = seams.filter((_, index) => (choice & (1 << index)) !== 0);
    const starts = [0, ...cuts.map((cut) => cut + 1)];
    const bundles = starts.map((start, index) => digestOf(start, cuts[index] ?? bundle.length));
    if (codeHashOf(bundles, packages) === codeHash) return true;
  }
  return false;
}
