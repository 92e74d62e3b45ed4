/** The document of a branch in the form that was asked for. */
import { canonicalJson } from "../../core/canonical-json.ts";
import type { CiDocument } from "../../diff/document/ci-document.ts";
import { brokenExperiments, ciLines, ciMarkdown } from "../../diff/render/ci.ts";
import type { TextOptions } from "../../diff/render/text.ts";

export interface ShownCi {
  readonly text: string;
  /** The JSON document. */
  readonly document: string;
  /** Whether an experiment cannot be resolved that could be before. */
  readonly isBroken: boolean;
}

/** A document as text that ends with a newline. */
export function showCi(
  document: CiDocument,
  format: "text" | "json" | "markdown",
  options: TextOptions,
): ShownCi {
  const json = `${canonicalJson(document)}\n`;
  const texts = {
    json: () => json,
    markdown: () => ciMarkdown(document),
    text: () => `${ciLines(document, options).join("\n")}\n`,
  };
  return {
    text: texts[format](),
    document: json,
    isBroken: brokenExperiments(document).length > 0,
  };
}
