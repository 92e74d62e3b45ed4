/**
 * Digests of thousands of runs as bytes of one text: strings of their own would take longer to make, to print and to forget
 * than it takes to find the runs.
 */

/** Hex digits of a SHA-256. */
const numDigits = 64;

/** What a digest takes in the text: two quotes, and a comma or the last bracket. */
const stride = numDigits + 3;

const ascii = { quote: 0x22, comma: 0x2c, open: 0x5b, close: 0x5d } as const;

/** 1 for the bytes of the lower-case hex digits. */
const isDigit = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number("0123456789abcdef".includes(String.fromCharCode(byte))),
);

/** SHA-256 digests in lower-case hex, as many as was said at the start; `canonicalJson` prints them as a list of texts. */
export class DigestList implements Iterable<string> {
  readonly length: number;
  /** The canonical JSON of the list; a place that was not set has no quotes. */
  readonly #json: Uint8Array;

  /** A list of so many places, none of them set. */
  constructor(length: number) {
    this.length = length;
    this.#json = new Uint8Array(length === 0 ? 2 : 1 + stride * length);
    for (let at = stride; at < this.#json.length; at += stride) this.#json[at] = ascii.comma;
    this.#json[0] = ascii.open;
    this.#json[this.#json.length - 1] = ascii.close;
  }

  /**
   * Copies a digest into its place.
   * @param start - Of its digits in `bytes`.
   * @returns False where the bytes there are no digest; the place is then not set.
   */
  set(index: number, bytes: Uint8Array, start: number): boolean {
    const json = this.#json;
    const at = 1 + index * stride;
    let isDigest = 1;
    for (let digit = 0; digit < numDigits; digit++) {
      const byte = bytes[start + digit] ?? 0;
      isDigest &= isDigit[byte] ?? 0;
      json[at + 1 + digit] = byte;
    }
    json[at] = json[at + 1 + numDigits] = isDigest * ascii.quote;
    return isDigest === 1;
  }

  /** The digest in a place, `undefined` where none was set. */
  at(index: number): string | undefined {
    const at = 1 + index * stride;
    if (this.#json[at] !== ascii.quote) return undefined;
    return latin1(this.#json.subarray(at + 1, at + 1 + numDigits));
  }

  /** The digests that were set, in order. */
  *[Symbol.iterator](): Generator<string> {
    for (let index = 0; index < this.length; index++) {
      const digest = this.at(index);
      if (digest !== undefined) yield digest;
    }
  }

  /** The canonical JSON of a list, `undefined` of one with a place that was not set. No class of others can answer for it. */
  static json(list: DigestList): string | undefined {
    const json = list.#json;
    for (let at = 1; at < json.length - 1; at += stride) {
      if (json[at] !== ascii.quote) return undefined;
    }
    return latin1(json);
  }
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}
