/** A comparison as one HTML page that needs nothing from elsewhere. */
import { escapeHtml, htmlPage } from "../../core/html.ts";
import type { DiffReport } from "../report.ts";
import { sectionsOf, summaryOf, type Row, type Section } from "./sections.ts";

const style = `
:root { --old: light-dark(#a40e26, #ff9492); --new: light-dark(#116329, #7ee787); }
table { border-collapse: collapse; table-layout: fixed; width: 100%; margin: .5rem 0; }
th:nth-child(1) { width: 24%; } th:nth-child(4) { width: 22%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
del { color: var(--old); text-decoration: none; } ins { color: var(--new); text-decoration: none; }
`;

/** The page of a report; everything in it is escaped. */
export function reportHtml(report: DiffReport): string {
  const title = `${report.before} → ${report.after}`;
  const body = `<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(summaryOf(report))}</p>
${sectionsOf(report).map(sectionHtml).join("\n")}`;
  return htmlPage({ title, style, body });
}

function sectionHtml({ title, rows, notes }: Section): string {
  const head =
    '<tr><th scope="col">where</th><th scope="col">before</th><th scope="col">after</th><th scope="col">from</th></tr>';
  const table = rows.length === 0 ? "" : `<table>${head}${rows.map(rowHtml).join("")}</table>`;
  return `<h2>${escapeHtml(title)}</h2>${table}${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("")}`;
}

function rowHtml({ place, before, after, notes }: Row): string {
  return `<tr><th scope="row"><code>${escapeHtml(place)}</code></th><td><del><code>${escapeHtml(before)}</code></del></td><td><ins><code>${escapeHtml(after)}</code></ins></td><td>${escapeHtml(notes.join(" · "))}</td></tr>`;
}
