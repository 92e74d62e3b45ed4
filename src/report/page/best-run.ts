/** What a page tells of the best run: its config with origins, its environment, its identities, how to repeat it. */
import { escapeHtml } from "../../core/html.ts";
import type { BestRun, NamedText, RunsReport } from "./runs-report.ts";
import { dataTable, type Cell } from "./table.ts";

/** The sections about the best run; none where there is none. */
export function bestSections({ best, ranking, runs }: RunsReport): readonly string[] {
  if (best === undefined) return [];
  const why =
    ranking === undefined || runs.length === 1
      ? ""
      : `: the ${ranking.direction === "min" ? "smallest" : "largest"} ${ranking.metric}`;
  const title = runs.length === 1 ? "The run" : "The best run";
  return [
    `<h2>${title} <code>${escapeHtml(best.name)}</code></h2>`,
    `<p>Of experiment ${escapeHtml(best.experiment)}${escapeHtml(why)}.</p>`,
    "<h3>Config, and where each value comes from</h3>",
    configTable(best),
    "<h3>How to repeat it</h3>",
    commandsHtml(best),
    "<h3>Identities</h3>",
    definitions(best.identities),
    "<h3>Environment</h3>",
    `<details><summary>${best.environment.length === 1 ? "1 fact" : `${best.environment.length} facts`}</summary>${definitions(best.environment)}</details>`,
  ];
}

function configTable({ config }: BestRun): string {
  const rows = config.map(({ path, value, origin, isDiffering }): readonly Cell[] => [
    { text: path, isHead: true, isCode: true },
    { html: `<code class="wrap">${escapeHtml(value)}</code>` },
    { text: origin },
    { text: isDiffering ? "yes" : "" },
  ]);
  return dataTable({
    id: "config",
    caption: `${config.length} values`,
    head: ["path", "value", "set by", "settings differ"],
    rows,
  });
}

function commandsHtml({ commands, reproduce }: BestRun): string {
  const list = commands
    .map(
      ({ name, text }) => `<dt><code>${escapeHtml(name)}</code></dt><dd>${escapeHtml(text)}</dd>`,
    )
    .join("");
  const whole =
    reproduce === undefined
      ? ""
      : `<details><summary>REPRODUCE.md of the run: the same from the sources</summary><pre tabindex="0" role="region" aria-label="REPRODUCE.md">${escapeHtml(reproduce)}</pre></details>`;
  return `<dl>${list}</dl>${whole}`;
}

function definitions(facts: readonly NamedText[]): string {
  const list = facts
    .map(
      ({ name, text }) =>
        `<dt>${escapeHtml(name)}</dt><dd><code class="wrap">${escapeHtml(text)}</code></dd>`,
    )
    .join("");
  return `<dl>${list}</dl>`;
}
