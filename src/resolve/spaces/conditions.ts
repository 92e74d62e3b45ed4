/** Conditions of `when` and `filter`: a user's function asked about a config under construction. */
import type { Condition } from "../../config/definition.ts";
import { formatPath } from "../../core/path.ts";
import { isThrown } from "../../core/thrown.ts";
import type { Draft } from "../build.ts";
import { errorText, showValue, type Place, type Problem } from "../problems.ts";
import { viewsAt } from "../schema-queries.ts";
import type { SchemaView } from "../schema-view.ts";
import { suggestPath } from "../suggest-path.ts";
import { AbsentRead, trackedConfig, type ReadWatcher } from "../tracked.ts";

/** A condition with who set it. */
export interface Check {
  readonly name: "when" | "filter";
  readonly condition: Condition;
  readonly place: Place;
}

export type Outcome =
  | { readonly kind: "answer"; readonly value: boolean }
  /** The condition is wrong, or asks for what is not there. */
  | { readonly kind: "problem"; readonly problem: Problem };

/**
 * What a condition says about a draft whose derived values are filled in.
 * @param ask - Told of all that the answer hangs on.
 */
export function askCondition(
  { name, condition, place }: Check,
  root: Draft,
  { view, ask }: { readonly view: SchemaView; readonly ask?: ReadWatcher["ask"] },
): Outcome {
  const problem = (text: string, suggestion?: string): Outcome => {
    const told = { path: [], message: `${name}(): ${text}`, place };
    return {
      kind: "problem",
      problem: suggestion === undefined ? told : { ...told, suggestion },
    };
  };
  const config = trackedConfig(root, view, {
    fill: () => undefined,
    read: () => {},
    ...(ask && { ask }),
  });
  try {
    const value = condition(config);
    if (typeof value === "boolean") return { kind: "answer", value };
    return problem(`the condition gave ${showValue(value)} instead of true or false`);
  } catch (error) {
    if (!isThrown(error, AbsentRead)) {
      return problem(`the condition threw ${errorText(error)}`);
    }
    const path = formatPath(error.path);
    if (!error.isKnown) {
      const isOfOther = viewsAt(view, error.path).length > 0; // of another kind, say
      const suggestion = isOfOther ? undefined : suggestPath(view, error.path);
      return problem(`the condition reads ${path}, which is no path of the config`, suggestion);
    }
    const before = name === "when" ? "no layer before it sets" : "no layer sets";
    return problem(`the condition reads ${path}, which ${before}`);
  }
}
