"use strict";
/** Words as shells write them: quotes and escapes taken off what was typed, and put onto what is offered. */

/** The words of a line of a POSIX shell up to the cursor, quotes taken off; the last is the one being typed. */
function split(line) {
  const words = [];
  let word = "";
  const pattern = /\\([\s\S])|'([^']*)'?|"((?:[^"\\]|\\[\s\S])*)"?|(\s+)|([^\s\\'"]+)|\\$/g;
  for (const [, escaped, single, double, space, plain] of line.matchAll(pattern)) {
    if (space !== undefined) {
      if (word !== "" || words.length > 0) words.push(word);
      word = "";
    } else word += escaped ?? single ?? double?.replace(/\\([\s\S])/g, "$1") ?? plain ?? "";
  }
  return [...words, word];
}

/** The quote that is open at the end of a line, or nothing. */
function openQuote(line) {
  let open = "";
  for (const [sign] of line.matchAll(/\\[\s\S]|['"]/g)) {
    const isEscaped = sign.length > 1 && open !== "'";
    const quote = isEscaped ? "" : sign.at(-1); // in single quotes `\'` ends them
    if (quote !== "'" && quote !== '"') continue;
    if (open === "") open = quote;
    else if (open === quote) open = "";
  }
  return open;
}

/**
 * A candidate as it is handed to its shell: zsh and fish quote it themselves. In an open quote bash closes it behind the
 * word, so there a space at the end would become part of the word.
 */
function shownWord(word, shell, quote) {
  if (shell === "fish") return word.trimEnd();
  if (shell !== "bash") return word;
  const text = word.trimEnd();
  if (quote === "'") return text;
  if (quote === '"') return text.replace(/["\\$`]/g, "\\$&");
  const escaped = text.replace(/[^A-Za-z0-9_@%+=:,./~-]/g, "\\$&");
  return word.endsWith(" ") ? `${escaped} ` : escaped;
}

module.exports = { openQuote, shownWord, split };
