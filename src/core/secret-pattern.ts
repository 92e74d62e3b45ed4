/** The forms in which a secret may turn up in a text, as one pattern. */

/** Bytes that one UTF-16 unit of a secret takes at most in any form: eight backslashes and `u00e4` are 13. */
export const maxFormLength = 16;

/** A letter, digit or anything else that means itself in a pattern. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** Hexadecimal digits in either case. */
function hexPattern(digits: string): string {
  return digits.replace(/[a-f]/gi, (digit) => `[${digit.toLowerCase()}${digit.toUpperCase()}]`);
}

function hexOf(number: number, numDigits: number): string {
  return number.toString(16).padStart(numDigits, "0");
}

/** Backslashes double with every level of quoting. */
const slashes = "\\\\{1,8}";

const shortEscapes: Readonly<Record<string, string>> = {
  "\n": "n",
  "\r": "r",
  "\t": "t",
  "\b": "b",
  "\f": "f",
  "\v": "v",
};

/** How HTML writes what it cannot hold. */
const entities: Readonly<Record<string, readonly string[]>> = {
  "&": ["&amp;", "&#38;"],
  "<": ["&lt;", "&#60;"],
  ">": ["&gt;", "&#62;"],
  '"': ["&quot;", "&#34;"],
  "'": ["&#39;", "&#x27;", "&apos;"],
};

/** One character: itself, or in the escapes of JSON, JavaScript, Markdown, HTML, shells and URLs. */
function characterPattern(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const forms = [
    literal(character),
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${hexPattern(hexOf(byte, 2))}`)
      .join(""),
    units.map((unit) => `${slashes}u${hexPattern(hexOf(unit, 4))}`).join(""),
    ...(codePoint <= 0xff ? [`${slashes}x${hexPattern(hexOf(codePoint, 2))}`] : []),
    ...(entities[character] ?? []),
  ];
  // Bytes that are no UTF-8 are searched as if each were a character.
  const bytes = Buffer.from(character).toString("latin1");
  if (bytes !== character) forms.push(literal(bytes));
  const short = shortEscapes[character];
  if (short !== undefined) forms.push(`${slashes}${short}`);
  // Logs replace what would act on a terminal, line ends too, by one blank.
  if (codePoint < 0x20) forms.push(" ");
  if (character === " ") forms.push("\\+");
  if (character === "'") forms.push("'\\\\''", `'"'"'`);
  if (!/[\p{L}\p{N}\s]/u.test(character)) forms.push(slashes + literal(character));
  return `(?:${forms.join("|")})`;
}

/**
 * Base64 of the bytes alone, or of a longer text around them: what comes before shifts the digits by 0, 2 or 4 bits, so
 * there are three forms of what lies inside.
 */
function base64Patterns(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    const start = Math.ceil((shift * 8) / 6);
    const end = Math.floor(((shift + bytes.length) * 8) / 6);
    const digits = text.slice(start, end).replace(/[+/]/g, (digit) => {
      return digit === "+" ? "(?:[+-]|%2[bB])" : "(?:[/_]|%2[fF])";
    });
    return `${digits}[A-Za-z0-9+/_-]?(?:=|%3[dD]){0,2}`;
  });
}

/**
 * Matches a text in all forms that are told above, in any mix of them.
 * @param secret - Not empty.
 */
export function secretPattern(secret: string): RegExp {
  const bytes = new TextEncoder().encode(secret);
  const plain = Array.from(secret, characterPattern).join("");
  const hex = hexPattern(Buffer.from(bytes).toString("hex"));
  return new RegExp([plain, ...base64Patterns(bytes), hex].join("|"), "g");
}
