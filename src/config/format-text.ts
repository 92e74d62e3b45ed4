/** Texts as the command line reads them back. */

/** A text in quotes. Backslashes count two by two where a quote follows: one of the text, or the closing one. */
export function quoteText(text: string, quote: "'" | '"' = '"'): string {
  const escaped = text.replace(
    quote === '"' ? /(\\*)("|$)/g : /(\\*)('|$)/g,
    (_, slashes: string, end: string) => slashes + slashes + (end === "" ? "" : `\\${end}`),
  );
  return quote + escaped + quote;
}

/** A text that means itself where references are looked for: `${` with a backslash before it. */
export function escapeReferences(text: string): string {
  return text.replace(/(\\*)\$\{/g, (_, slashes: string) => `${slashes}${slashes}\\\${`);
}

/** A text without quotes: every sign of the language with a backslash before it, spaces at its ends too. */
export function escapePlain(text: string): string {
  const start = /^[ \t]/.test(text) ? "\\" : "";
  const hasEnd = text.length > 1 && /[ \t]$/.test(text);
  const middle = (hasEnd ? text.slice(0, -1) : text).replace(
    /\$\{[^{}]+\}|[\\()[\]{}:=,]/g, // one backslash makes a whole ${…} literal, whatever it holds
    String.raw`\$&`,
  );
  return start + middle + (hasEnd ? `\\${text.slice(-1)}` : "");
}
