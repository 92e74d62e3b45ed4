/** What keeps a tool from being sent anything whatever the runs do: known before the first of them starts. */
import { trackingTool } from "../../../schemas/tracking.ts";
import { isExpError } from "../../core/errors.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { redactText } from "../../store/redact.ts";
import { mlflowAccess } from "../../track/mlflow/settings.ts";
import { wandbSettings } from "../../track/wandb/settings.ts";
import type { LiveTool } from "./live-tools.ts";

/** Variables of the environment. */
type Variables = Readonly<Record<string, string | undefined>>;

/** What is known to fail is told before the first run starts, and is not tried. */
export interface ToolProblems {
  /** Looks at a config's tools; tells what is new. */
  look(config: JsonObject, tools: readonly LiveTool[]): void;
  /** Why nothing is sent to a tool that was looked at; `undefined` where it is. */
  of(tool: LiveTool): string | undefined;
}

/**
 * The tools of the runs of a command, each looked at once.
 * @param warn - Told what is wrong and what to do, each thing once.
 */
export function createToolProblems(
  environment: Variables,
  warn: (text: string) => void,
): ToolProblems {
  const reasons = new Map<string, string | undefined>();
  const misread = new Set<string>();
  return {
    look: (config, tools) => {
      for (const text of misreadTools(config)) {
        if (!misread.has(text)) warn(text);
        misread.add(text);
      }
      for (const tool of tools) {
        const id = JSON.stringify(tool);
        if (reasons.has(id)) continue;
        const problem = toolProblem(tool, environment);
        reasons.set(id, problem?.reason);
        if (problem === undefined) continue;
        const { reason, hint } = problem;
        warn(`${tool.kind}: ${reason} ${hint} The runs are executed, and nothing is sent there.`);
      }
    },
    of: (tool) => reasons.get(JSON.stringify(tool)),
  };
}

/** Why its variables, and what the config says of it, keep a tool from being sent anything; `undefined` where they do not. */
function toolProblem(
  tool: LiveTool,
  environment: Variables,
): { readonly reason: string; readonly hint: string } | undefined {
  const mode = environment["WANDB_MODE"];
  try {
    if (tool.kind === "mlflow") mlflowAccess(environment, tool.url);
    if (tool.kind === "wandb" && mode !== "disabled") wandbSettings(environment);
    return undefined;
  } catch (error) {
    if (!isExpError(error)) throw error;
    return { reason: error.message, hint: error.hint ?? "" };
  }
}

/**
 * Entries of `tracking` that name a tool and say something of it that is not understood: tasks that have not the envelope's
 * field do not check them. A field that means something else has none.
 * @returns Sentences.
 */
function misreadTools({ tracking }: JsonObject): readonly string[] {
  if (!Array.isArray(tracking)) return [];
  const entries = tracking as readonly JsonValue[]; // parts of a resolved config
  const isKnown = (kind: JsonValue | undefined): boolean => trackingTool.safeParse(kind).success;
  const isOurs = entries.some((entry) => isKnown(isPlainObject(entry) ? entry["kind"] : entry));
  if (!isOurs) return [];
  return entries.flatMap((entry, index) => {
    const isTensorboard = isPlainObject(entry) && entry["kind"] === "tensorboard";
    if (isTensorboard || trackingTool.safeParse(entry).success) return [];
    const what = `tracking[${String(index)}] is ${redactText(JSON.stringify(entry)).text}, which is not understood`;
    return [`${what}. Look at docs/live-tracking.md for what can be said of a tool.`];
  });
}
