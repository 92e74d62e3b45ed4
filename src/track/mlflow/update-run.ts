/** Brings params, tags and status of a run on an MLflow server up to date. */
import type { JsonObject } from "../../core/json.ts";
import type { RunView } from "../run-view.ts";
import { batchesOf } from "./batches.ts";
import { maxParamLength } from "./names.ts";
import { ownTagPrefix, paramsOf, reasonTag, runNameOf, tagsOf } from "./run-facts.ts";
import { listOf, post, refused, type Refusal, type RunThere, type Server } from "./run-there.ts";

/** Params and tags of one request. */
const maxItems = 100;

/** Sends the params and tags that are missing, and takes tags of the run away that it has no more. */
export async function updateFacts(
  server: Server,
  there: RunThere,
  { view, generation }: { readonly view: RunView; readonly generation: number },
): Promise<void> {
  const wanted = tagsOf(view, generation);
  const tags = new Map([...wanted].filter(([key, value]) => there.tags.get(key) !== value));
  await sendParams(server, there, view);
  const refusal = await logFacts(server, there, { tags: listOf(tags) });
  if (refusal !== undefined) throw refused(server, "tags", refusal);
  for (const key of there.tags.keys()) {
    const mayGo = key.startsWith(ownTagPrefix) || key === reasonTag;
    if (!mayGo || wanted.has(key)) continue;
    await server.client.ask(post("runs/delete-tag", { run_id: there.runId, key })); // refused where it is gone
  }
}

/** Older servers take less of a value: 500 before 2.8, and 250 before that. */
const paramLengths = [maxParamLength, 500, 250] as const;

/** Params never change there: those that it has stay. */
async function sendParams(server: Server, there: RunThere, view: RunView): Promise<void> {
  let refusal: Refusal | undefined;
  for (const length of paramLengths) {
    const params = [...paramsOf(view, length)].filter(([key]) => !there.params.has(key));
    if (refusal !== undefined && params.every(([, value]) => value.length < length)) break;
    refusal = await logFacts(server, there, { params: listOf(new Map(params)) });
    if (refusal === undefined) return;
  }
  if (refusal !== undefined) throw refused(server, "params", refusal);
}

async function logFacts(
  server: Server,
  { runId }: RunThere,
  facts: Readonly<Record<string, readonly JsonObject[]>>,
): Promise<Refusal | undefined> {
  for (const [kind, items] of Object.entries(facts)) {
    for (const batch of batchesOf(items, maxItems)) {
      const answer = await server.client.ask(
        post("runs/log-batch", { run_id: runId, [kind]: batch }),
      );
      if (answer.kind === "refused") return answer;
    }
  }
  return undefined;
}

/** Says how the run stands, where the server has it otherwise. */
export async function updateStatus(server: Server, there: RunThere, view: RunView): Promise<void> {
  const status = statusThere[view.status];
  const endMs = status === "RUNNING" ? 0 : Math.round(view.endedMs ?? view.startedMs ?? 0);
  const name = runNameOf(view);
  const isEnd = endMs === 0 || there.endMs === endMs; // of a run that goes on again, the old end stays there
  if (there.status === status && isEnd && there.name === name) return;
  const end = endMs === 0 ? {} : { end_time: endMs };
  const answer = await server.client.ask(
    post("runs/update", { run_id: there.runId, run_name: name, status, ...end }),
  );
  if (answer.kind === "refused") throw refused(server, "the status", answer);
}

const statusThere: Readonly<Record<RunView["status"], string>> = {
  running: "RUNNING",
  finished: "FINISHED",
  failed: "FAILED",
  paused: "KILLED",
  lost: "KILLED",
};
