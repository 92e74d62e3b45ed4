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
 * xxHash32 of the words of a tensor under two seeds, each with its four sums in a vector; a piece is a tensor. 0 table, for
 * each tensor: number of words, address, and the two hashes to be written  4 seeds
 */
export function checksum(args: usize, piece: i32): void {
  const entry = usize(load<u32>(args)) + (usize(piece) << 4);
  const count = load<u32>(entry);
  const first = load<u32>(args, 4);
  const second = load<u32>(args, 8);
  let sums = sumsOf(first);
  let others = sumsOf(second);
  const outer = v128.load32_splat(primes);
  const inner = v128.load32_splat(primes, 4);
  let at = usize(load<u32>(entry, 4));
  const end = at + (usize(count) << 2);
  for (const rest = at + (usize(count >> 2) << 4); at < rest; at += 16) {
    const words = i32x4.mul(v128.load(at), inner);
    sums = i32x4.mul(rotated13(i32x4.add(sums, words)), outer);
    others = i32x4.mul(rotated13(i32x4.add(others, words)), outer);
  }
  const isShort = count < 4;
  const hash = isShort ? first + prime5 : joined(sums);
  const other = isShort ? second + prime5 : joined(others);
  store<u32>(entry, finished(hash + (count << 2), at, end), 8);
  store<u32>(entry, finished(other + (count << 2), at, end), 12);
}

@inline
function sumsOf(seed: u32): v128 {
  const sums = i32x4.splat(seed);
  const added = i32x4(prime1 + prime2, prime2, 0, 0 - prime1);
  return i32x4.add(sums, added);
}

@inline
function rotated13(words: v128): v128 {
  return v128.or(i32x4.shl(words, 13), i32x4.shr_u(words, 19));
}

function joined(sums: v128): u32 {
  return (
    rotl<u32>(i32x4.extract_lane(sums, 0), 1) +
    rotl<u32>(i32x4.extract_lane(sums, 1), 7) +
    rotl<u32>(i32x4.extract_lane(sums, 2), 12) +
    rotl<u32>(i32x4.extract_lane(sums, 3), 18)
  );
}

/** The hash with the words from `at` on, which are no four. */
function finished(hash: u32, at: usize, end: usize): u32 {
  for (; at < end; at += 4) hash = rotl<u32>(hash + load<u32>(at) * prime3, 17) * prime4;
  hash = (hash ^ (hash >>> 15)) * prime2;
  hash = (hash ^ (hash >>> 13)) * prime3;
  return hash ^ (hash >>> 16);
}
