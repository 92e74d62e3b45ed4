/**
 * Warnings of a tracker, one of each kind and place. A server puts the time, the number of a request and the like into what it
 * answers, so that the texts of one trouble differ each time.
 */

/** What is told of what came again. */
export interface Repeated {
  /** As it came first. */
  readonly text: string;
  /** How often it came in all, at least 2. */
  readonly numTimes: number;
}

/** Tells each kind of trouble once, and counts it. */
export interface ToldOnce {
  /**
   * @param place - Troubles of two places are never the same.
   * @param text - A sentence; what varies in it is overlooked.
   * @param told - What is told in its place, where that is more.
   */
  warn(place: string, text: string, told?: string): void;
  /** How often a trouble of this kind came at the place; 0 where it never did. */
  numTimes(place: string, text: string): number;
  /** What came more than once at a place. */
  repeated(place: string): readonly Repeated[];
}

/** So many kinds are told of one place; a text that differs in words each time must not fill the screen. */
const maxKinds = 8;

interface Counted extends Repeated {
  numTimes: number;
}

type Kinds = Map<string, Counted>;

/** @param tell - Told each kind once. */
export function createToldOnce(tell: (text: string) => void): ToldOnce {
  const places = new Map<string, Kinds>();
  const kindsAt = (place: string): Kinds => {
    const known = places.get(place) ?? new Map<string, Counted>();
    places.set(place, known);
    return known;
  };
  const knownKind = (place: string, text: string): string => {
    const kind = kindOf(text);
    const kinds = kindsAt(place);
    return kinds.has(kind) || kinds.size < maxKinds ? kind : ([...kinds.keys()].at(-1) ?? kind);
  };
  return {
    warn: (place, text, told = text) => {
      const kinds = kindsAt(place);
      const kind = knownKind(place, text);
      const known = kinds.get(kind);
      if (known === undefined) {
        kinds.set(kind, { text, numTimes: 1 });
        tell(told);
      } else known.numTimes++;
    },
    numTimes: (place, text) => places.get(place)?.get(knownKind(place, text))?.numTimes ?? 0,
    repeated: (place) => [...(places.get(place)?.values() ?? [])].filter((one) => one.numTimes > 1),
  };
}

/**
 * A text without what varies: quoted parts, and every word that holds a digit, which is a time, an address, an id or a count.
 * A status (`answered 503`) is a kind of its own.
 */
function kindOf(text: string): string {
  return text
    .replace(/"(?:[^"\\]|\\.)*"|'[^']*'/gu, "…")
    .replace(/(?<!answered )(?<![\p{L}\p{N}])[\p{L}\p{N}_+:/.-]*\p{N}[\p{L}\p{N}_+:/.-]*/gu, "#");
}
