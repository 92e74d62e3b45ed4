/** The process that evaluates experiments for another one: whatever their code does to it, that one goes on. */
import { canonicalJson } from "../../core/canonical-json.ts";
import { isExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatPath } from "../../core/path.ts";
import { thrownText } from "../../core/thrown.ts";
import { openParentChannel, serveJobs, type JobServer } from "../../engine/worker-channel.ts";
import { sealAmbient } from "../../random/seal.ts";
import { requiredText } from "../../resolve/problems.ts";
import { resolveExperiment, type Resolution } from "../../resolve/resolve.ts";
import { configFacts, originIn } from "./config-facts.ts";
import type { EvaluationJob, EvaluationResult, EvaluationSetting } from "./messages.ts";

/** Evaluates what the parent process asks for, until it has no more. */
export async function serveEvaluations(): Promise<void> {
  await serveJobs(createEvaluationServer(process.env), openParentChannel());
}

function createEvaluationServer(
  environment: Readonly<Record<string, string | undefined>>,
): JobServer {
  let folder = "";
  let last: Resolution | undefined;
  const answer = async (job: EvaluationJob): Promise<JsonObject> => {
    if (job.kind === "origin") return originAnswer(last, job);
    last = undefined;
    const { file, overrides } = job;
    const request = { file, overrides, environment, workingDirectory: folder, seal: sealAmbient };
    last = await resolveExperiment(request);
    return resolutionAnswer(last);
  };
  return {
    start: (setting) => {
      folder = (setting as EvaluationSetting).folder;
      return Promise.resolve();
    },
    execute: async (message): Promise<EvaluationResult> => {
      try {
        return { text: canonicalJson(await answer(message as EvaluationJob)) };
      } catch (error) {
        return { text: canonicalJson(problemAnswer(error, folder)) };
      }
    },
  };
}

function resolutionAnswer({ experiment, task, runs }: Resolution): JsonObject {
  return {
    experiment,
    task: { name: task.name, version: task.version },
    runs: runs.map((run) => ({ ...configFacts(run), configHash: run.configHash })),
  };
}

async function originAnswer(
  resolution: Resolution | undefined,
  { run: index, path }: Extract<EvaluationJob, { kind: "origin" }>,
): Promise<JsonObject> {
  const run = resolution?.runs[index];
  const origin = resolution && run && (await originIn(resolution, run, path));
  return origin === undefined ? {} : { origin };
}

function problemAnswer(error: unknown, folder: string): JsonObject {
  const issues = isExpError(error) ? error.issues : [];
  const wantsValues = issues.length > 0 && issues.every(({ message }) => message === requiredText);
  return { problem: problemText(error, folder), ...(wantsValues && { wantsValues }) };
}

/** What evaluated code throws may be of any length. */
const maxProblem = 4000;

/** In one line, without the folder: a revision's is another one each time. */
function problemText(error: unknown, folder: string): string {
  const text = isExpError(error)
    ? [error.message, ...error.issues.map(({ path, message }) => `${formatPath(path)} ${message}`)]
        .map((part) => part.trim())
        .join(" ")
    : thrownText(error);
  const shown = text.replaceAll(`${folder}/`, "");
  return shown.length <= maxProblem ? shown : `${shown.slice(0, maxProblem)}…`;
}
