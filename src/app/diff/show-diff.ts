/** A comparison in the form that was asked for. */
import { canonicalJson } from "../../core/canonical-json.ts";
import { reportHtml } from "../../diff/render/html.ts";
import { reportMarkdown } from "../../diff/render/markdown.ts";
import { reportLines, type TextOptions } from "../../diff/render/text.ts";
import { isSameReport, reportDocument, type DiffReport } from "../../diff/report.ts";

export type DiffFormat = "text" | "json" | "markdown" | "html";

export interface ShownDiff {
  readonly text: string;
  readonly isSame: boolean;
}

/** The report as text that ends with a newline. */
export function showDiff(report: DiffReport, format: DiffFormat, options: TextOptions): ShownDiff {
  return { text: textOf(report, format, options), isSame: isSameReport(report) };
}

function textOf(report: DiffReport, format: DiffFormat, options: TextOptions): string {
  switch (format) {
    case "text":
      return `${reportLines(report, options).join("\n")}\n`;
    case "json":
      return `${canonicalJson(reportDocument(report))}\n`;
    case "markdown":
      return reportMarkdown(report);
    case "html":
      return reportHtml(report);
  }
}
