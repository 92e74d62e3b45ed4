/** Pages that need nothing from elsewhere, and text in them. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for an element or a quoted attribute: no markup, no control character, nothing that turns text around. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[&<>"']/gu, (character) => entities[character] ?? "")
    .replaceAll(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu,
      "\ufffd",
    );
}

/** What a page is made of. */
export interface PageParts {
  /** Of the window; text. */
  readonly title: string;
  /** CSS beside that of all pages. */
  readonly style: string;
  /** Which command made it; text. */
  readonly generator?: string;
  /** HTML inside `<main>`, escaped. */
  readonly body: string;
}

const shared = `
:root { color-scheme: light dark; --text: light-dark(#1f2328, #e6edf3); --page: light-dark(#fff, #0d1117); --line: light-dark(#d0d7de, #3d444d); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; background: var(--page); color: var(--text); }
code { font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; }
`;

/** A whole page, light and dark as the reader's system is; its policy lets nothing be loaded, run or sent. */
export function htmlPage({ title, style, generator, body }: PageParts): string {
  const made =
    generator === undefined ? "" : `\n<meta name="generator" content="${escapeHtml(generator)}">`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">${made}
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${shared}${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}
