/** A comparison as one HTML page that needs nothing from elsewhere. */
import type { DiffReport } from "../report.ts";
import { sectionsOf, summaryOf, type Row, type Section } from "./sections.ts";

const style = `
:root { color-scheme: light dark; --old: light-dark(#a40e26, #ff9492); --new: light-dark(#116329, #7ee787); --line: light-dark(#d0d7de, #3d444d); }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; background: light-dark(#fff, #0d1117); color: light-dark(#1f2328, #e6edf3); }
table { border-collapse: collapse; table-layout: fixed; width: 100%; margin: .5rem 0; }
th:nth-child(1) { width: 24%; } th:nth-child(4) { width: 22%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
code { font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; }
del { color: var(--old); text-decoration: none; } ins { color: var(--new); text-decoration: none; }
`;

/** The page of a report; everything in it is escaped, and its policy lets nothing be loaded or run. */
export function reportHtml(report: DiffReport): string {
  const title = `${report.before} → ${report.after}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(summaryOf(report))}</p>
${sectionsOf(report).map(sectionHtml).join("\n")}
</main>
</body>
</html>
`;
}

function sectionHtml({ title, rows, notes }: Section): string {
  const head =
    '<tr><th scope="col">where</th><th scope="col">before</th><th scope="col">after</th><th scope="col">from</th></tr>';
  const table = rows.length === 0 ? "" : `<table>${head}${rows.map(rowHtml).join("")}</table>`;
  return `<h2>${escaped(title)}</h2>${table}${notes.map((note) => `<p>${escaped(note)}</p>`).join("")}`;
}

function rowHtml({ place, before, after, notes }: Row): string {
  return `<tr><th scope="row"><code>${escaped(place)}</code></th><td><del><code>${escaped(before)}</code></del></td><td><ins><code>${escaped(after)}</code></ins></td><td>${escaped(notes.join(" · "))}</td></tr>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"']/gu, (character) => entities[character] ?? "")
    .replaceAll(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
      "\ufffd",
    );
}
