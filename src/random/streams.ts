/**
 * Named random streams. Every consumer of randomness asks for a stream by its purpose and gets a key that depends on
 * the seed and that purpose only: a new consumer, or another order of asking, moves nobody else's numbers.
 */
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";

/** A source of samples for one purpose. It has no state: what is drawn depends on the counter that is asked for. */
export interface RandomStream {
  /** Path such as `dataOrder`, `initialization/<parameter>`, `dropout/<site>`. */
  readonly purpose: string;
  /** The Philox key: two 32-bit words. */
  readonly key: readonly [number, number];
}

export interface RandomStreams {
  /** The stream of a purpose; the same one, whenever and however often it is asked for. */
  readonly stream: (purpose: string) => RandomStream;
}

/** A change of any key, of the counter's layout or of a sampling method needs another version here. */
const version = "rng/1";

/**
 * The streams of a run.
 * @param seed - The root seed, an integer from 0 to 2^53 - 1; 0 is a seed like any other.
 * @param seeds - Seeds of their own for purposes: `{ dropout: 7 }` is for `dropout` and all `dropout/...`. Of several
 *   that fit, the one for the longest purpose holds.
 * @throws {ExpError} `config` for a seed that is no such integer.
 */
export function createStreams(
  seed: number,
  seeds: Readonly<Record<string, number>> = {},
): RandomStreams {
  checkSeed("seed", seed);
  const ownSeeds = new Map(Object.entries(seeds));
  for (const [purpose, ownSeed] of ownSeeds) checkSeed(`seeds.${purpose}`, ownSeed);
  return {
    stream: (purpose) => {
      checkPurpose(purpose);
      return { purpose, key: streamKey(seedFor(purpose, ownSeeds) ?? seed, purpose) };
    },
  };
}

/**
 * The seeds of a config by the purpose that they are for: `{ dropout: 7, own: { noise: 3 } }` is `{ dropout: 7, noise: 3 }`.
 * @param seeds - As `envelopeFields` has it, or as another schema allows: what is no number is left out.
 */
export function seedsByPurpose(seeds: object = {}): Readonly<Record<string, number>> {
  const { own, ...others }: { readonly own?: unknown } = seeds;
  const all = [others, typeof own === "object" ? own : { own }].flatMap((part) =>
    Object.entries(part ?? {}),
  );
  return Object.fromEntries(
    all.filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

/**
 * The first 64 bits of the SHA-256 of the canonical JSON `["rng/1",<seed>,"<purpose>"]` in UTF-8, as two big-endian
 * words. JSON keeps seed and purpose apart whatever characters the purpose has.
 */
function streamKey(seed: number, purpose: string): readonly [number, number] {
  const digest = sha256(canonicalJson([version, seed, purpose]));
  return [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8, 16), 16)];
}

function seedFor(purpose: string, seeds: ReadonlyMap<string, number>): number | undefined {
  let prefix = purpose;
  while (!seeds.has(prefix)) {
    const end = prefix.lastIndexOf("/");
    if (end < 0) return undefined;
    prefix = prefix.slice(0, end);
  }
  return seeds.get(prefix);
}

function checkSeed(name: string, seed: number): void {
  if (Number.isSafeInteger(seed) && seed >= 0 && !Object.is(seed, -0)) return;
  throw new ExpError("config", `${name} is ${seed}; expected an integer from 0 to 2^53 - 1.`, {
    hint: "Any such integer will do, 0 as well.",
  });
}

function checkPurpose(purpose: string): void {
  if (purpose.split("/").every((part) => part !== "")) return;
  throw new ExpError(
    "training",
    `${JSON.stringify(purpose)} is not the purpose of a random stream.`,
    {
      hint: "Use names joined by single slashes, such as dropout/embeddings.",
    },
  );
}
