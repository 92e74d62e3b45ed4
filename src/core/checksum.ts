/**
 * A fast 64-bit checksum of a tensor for dense trace rows: it is there to find the first tensor that differs by accident,
 * not to withstand forgery (identities use SHA-256, which takes several times as long).
 *
 * Two seeds do not make 64 independent bits: some differences vanish under every seed. Of two neighbouring words, mixed as
 * MurmurHash3 mixes each before it joins the hash, flip bit 18 of the first: the rotation takes it to bit 31, where the
 * multiplication by 5 and the addition leave it alone. Flip bit 31 of the second and it is gone again. Rounding does not
 * make such pairs, but they can be made at will.
 */

/** Seeds of the two halves: the fractional bits of √2 and √3, so that neither is a special value. */
export const checksumSeeds = [0x6a09e667, 0xbb67ae85] as const;

/**
 * 16 hex digits: MurmurHash3 x86_32 of the tensor's little-endian bytes under seed 6a09e667, then under bb67ae85.
 * Bits count, so 0 and -0 differ. Both halves are computed in one pass over the data.
 * @see Appleby, MurmurHash3 (public domain), function MurmurHash3_x86_32. Ours has no tail: every element has 4 bytes.
 */
export function checksum64(values: Float32Array | Int32Array): string {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let first: number = checksumSeeds[0];
  let second: number = checksumSeeds[1];
  // By index: `for of` runs an iterator for every element, which takes four times as long.
  for (let index = 0; index < words.length; index++) {
    const block = mixBlock(words[index] ?? 0);
    first = addBlock(first, block);
    second = addBlock(second, block);
  }
  return checksumText(finish(first, values.byteLength), finish(second, values.byteLength));
}

/** Both halves as 16 hex digits. @param second - As `first`, a whole number from 0 to below 2³². */
export function checksumText(first: number, second: number): string {
  return hex(first) + hex(second);
}

/** MurmurHash3 x86_32 of whole 32-bit words. Exported so that its published values can be checked. */
export function murmurHash3(words: Uint32Array, seed: number): number {
  let hash = seed;
  for (const word of words) hash = addBlock(hash, mixBlock(word));
  return finish(hash, words.byteLength);
}

function mixBlock(word: number): number {
  const scaled = Math.imul(word, 0xcc9e2d51);
  return Math.imul((scaled << 15) | (scaled >>> 17), 0x1b873593);
}

function addBlock(hash: number, block: number): number {
  const mixed = hash ^ block;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number, numBytes: number): number {
  let mixed = hash ^ numBytes;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, "0");
}
