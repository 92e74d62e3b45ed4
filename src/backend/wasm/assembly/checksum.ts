/** AssemblyScript: checksums, with the bits of `src/core/checksum.ts`. */

/** The primes of xxHash32, by the numbers that they have there. */
const prime1: u32 = 0x9e3779b1;
const prime2: u32 = 0x85ebca77;
const prime3: u32 = 0xc2b2ae3d;
const prime4: u32 = 0x27d4eb2f;
const prime5: u32 = 0x165667b1;

/** Where the loop loads its constants from, once; see `functions.ts`. */
const primes: usize = memory.data<u32>([prime1, prime2]);

/**
 * xxHash32 of the words of tensors under two seeds, each with its four sums in a vector. A piece is two tensors, of which
 * the first is not the shorter: the sums of one alone would wait for each other half of the time. 0 table, for each tensor:
 * number of words, address, and the two hashes to be written  4 seeds  12 number of tensors
 */
export function checksum(args: usize, piece: i32): void {
  const entry = usize(load<u32>(args)) + (usize(piece) << 5);
  const first = load<u32>(args, 4);
  const second = load<u32>(args, 8);
  let sums = sumsOf(first);
  let others = sumsOf(second);
  let partnerSums = sums;
  let partnerOthers = others;
  let at = usize(load<u32>(entry, 4));
  if (2 * piece + 1 < load<i32>(args, 12)) {
    let partnerAt = usize(load<u32>(entry, 20));
    for (const end = quadruplesEnd(entry + 16); partnerAt < end; partnerAt += 16) {
      const words = inner(at);
      const partnerWords = inner(partnerAt);
      sums = outer(sums, words);
      others = outer(others, words);
      partnerSums = outer(partnerSums, partnerWords);
      partnerOthers = outer(partnerOthers, partnerWords);
      at += 16;
    }
    store<u32>(entry, finished(entry + 16, first, partnerSums), 24);
    store<u32>(entry, finished(entry + 16, second, partnerOthers), 28);
  }
  for (const end = quadruplesEnd(entry); at < end; at += 16) {
    const words = inner(at);
    sums = outer(sums, words);
    others = outer(others, words);
  }
  store<u32>(entry, finished(entry, first, sums), 8);
  store<u32>(entry, finished(entry, second, others), 12);
}

/** Where the words of a tensor end that come four at a time. */
@inline
function quadruplesEnd(entry: usize): usize {
  return usize(load<u32>(entry, 4)) + (usize(load<u32>(entry) >> 2) << 4);
}

@inline
function sumsOf(seed: u32): v128 {
  const sums = i32x4.splat(seed);
  const added = i32x4(prime1 + prime2, prime2, 0, 0 - prime1);
  return i32x4.add(sums, added);
}

/** Four words, as they are added to the sums. */
@inline
function inner(at: usize): v128 {
  return i32x4.mul(v128.load(at), v128.load32_splat(primes, 4));
}

@inline
function outer(sums: v128, words: v128): v128 {
  const added = i32x4.add(sums, words);
  const rotated = v128.or(i32x4.shl(added, 13), i32x4.shr_u(added, 19));
  return i32x4.mul(rotated, v128.load32_splat(primes));
}

/** The hash of a tensor, of which the sums hold all words that come four at a time. */
function finished(entry: usize, seed: u32, sums: v128): u32 {
  const count = load<u32>(entry);
  let hash = count < 4 ? seed + prime5 : joined(sums);
  hash += count << 2;
  const end = usize(load<u32>(entry, 4)) + (usize(count) << 2);
  for (let at = quadruplesEnd(entry); at < end; at += 4) {
    hash = rotl<u32>(hash + load<u32>(at) * prime3, 17) * prime4;
  }
  hash = (hash ^ (hash >>> 15)) * prime2;
  hash = (hash ^ (hash >>> 13)) * prime3;
  return hash ^ (hash >>> 16);
}

function joined(sums: v128): u32 {
  return (
    rotl<u32>(i32x4.extract_lane(sums, 0), 1) +
    rotl<u32>(i32x4.extract_lane(sums, 1), 7) +
    rotl<u32>(i32x4.extract_lane(sums, 2), 12) +
    rotl<u32>(i32x4.extract_lane(sums, 3), 18)
  );
}
