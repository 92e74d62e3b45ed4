/** What MLflow shows of a run beside its figures: params and tags. */
import type { RunView } from "../run-view.ts";
import { maxTagLength, mlflowKey, mlflowValue } from "./names.ts";

/** Begins the tags that stand for tags of the run. */
export const ownTagPrefix = "lockstep.tag.";

/** Names the run; runs are found by it. */
export const runKeyTag = "lockstep.runKey";

/** Why it failed or was stopped; one that ended well has none. */
export const reasonTag = "lockstep.reason";

/** How many runs of this key stand here that were given up, since the run was executed again and did not repeat. */
export const generationTag = "lockstep.generation";

/**
 * The config, flat: `optimizer.learningRate` → `0.0003`. The artifact `config.json` has what does not fit.
 * @param maxLength - Of a value, at least 40.
 */
export function paramsOf({ values }: RunView, maxLength: number): ReadonlyMap<string, string> {
  return new Map(
    Array.from(values, ([path, value]) => [mlflowKey(path), mlflowValue(String(value), maxLength)]),
  );
}

/** The name in the table of the runs. */
export function runNameOf({ title, name }: RunView): string {
  return mlflowValue(`${title} ${name.slice(0, 8)}`.trim(), 250);
}

/** All identities, the commit, how it stands, and the tags of the run. */
export function tagsOf(view: RunView, generation: number): ReadonlyMap<string, string> {
  const { identities, git, task, experiment, description, status, reason } = view;
  const facts: Readonly<Record<string, string | undefined>> = {
    ...Object.fromEntries(
      Object.entries(identities).map(([name, text]) => [`lockstep.${name}`, text]),
    ),
    [generationTag]: generation === 0 ? undefined : String(generation),
    "lockstep.experiment": experiment,
    "lockstep.task": task && `${task.name}/${task.version}`,
    "lockstep.status": status,
    [reasonTag]: reason,
    "lockstep.selection": view.selection && `${view.selection.metric} ${view.selection.direction}`,
    "lockstep.git.isDirty": git.commit === undefined ? undefined : String(git.isDirty),
    "mlflow.runName": runNameOf(view),
    "mlflow.source.name": experiment,
    "mlflow.source.type": "LOCAL",
    "mlflow.source.git.commit": git.commit,
    "mlflow.source.git.branch": git.branch,
    "mlflow.source.git.repoURL": git.remote,
    "mlflow.note.content": description,
  };
  const tags = new Map<string, string>();
  for (const [name, text] of Object.entries(facts)) {
    if (text !== undefined && text !== "") tags.set(name, mlflowValue(text, maxTagLength));
  }
  for (const tag of view.tags) tags.set(mlflowKey(`${ownTagPrefix}${tag}`), "true");
  return tags;
}
