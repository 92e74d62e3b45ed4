/** Words of a command line that may be pasted into a POSIX shell and mean themselves. */

const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * One word, quoted where a shell would read anything into it. Control characters are written with `printf`, so that the
 * text can stand in a document and be pasted; a newline stays as it is.
 */
export function shellQuote(word: string): string {
  if (plainWord.test(word)) return word;
  const parts = word.split(/([\u0001-\u0009\u000b-\u001f\u007f]+)/);
  const quoted = parts.map((part, index) => (index % 2 === 1 ? printed(part) : quotePart(part)));
  return quoted.join("") || "''";
}

function quotePart(text: string): string {
  return text === "" ? "" : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function printed(controls: string): string {
  const octal = controls
    .split("")
    .map((character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
  return `"$(printf '${octal.join("")}')"`;
}
