/** Files of a run, beside its figures: through the server where it hands them on, else told that they are not sent. */
import { join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import type { JsonObject } from "../../core/json.ts";
import type { FileSystem } from "../../store/file-system.ts";
import { prettyJson } from "../../store/json-file.ts";
import { runFiles } from "../../store/run-layout.ts";
import { concernsAllRuns } from "../place-error.ts";
import type { RunView } from "../run-view.ts";
import { failure, type FileBody } from "./client.ts";
import type { RunThere, Server } from "./run-there.ts";

/** What is sent of a run beside `config.json`. */
export interface ArtifactChoice {
  /** The weights too. */
  readonly checkpoints: boolean;
}

interface Artifact {
  /** Relative to the run's artifacts, with forward slashes. */
  readonly name: string;
  /** What it was when it was sent: where that changes, it is sent again. */
  readonly mark: string;
  readonly numBytes: number;
  readonly body: () => FileBody;
}

/** Bytes of a file that are in memory at once. */
const partBytes = 1 << 20;

/** Reads files, and sends them. */
export interface ArtifactTools {
  readonly files: FileSystem;
  readonly server: Server;
  readonly warn: (text: string) => void;
  /** Called while a file is on its way. */
  readonly beat: () => void;
  /** Given after each file that arrived: the marks of all that are there now. */
  readonly save: (sent: JsonObject) => void;
}

/**
 * Sends the files that are missing.
 * @param sent - Marks of those that were sent, by their names.
 * @throws {ExpError} `environment` where a file does not arrive; of this run alone, since figures go another way.
 */
export async function sendArtifacts(
  { files, server, warn, beat, save }: ArtifactTools,
  there: RunThere,
  {
    view,
    sent,
    choice,
  }: {
    readonly view: RunView;
    readonly sent: JsonObject;
    readonly choice: ArtifactChoice;
  },
): Promise<void> {
  const all = artifactsOf({ files, beat }, view, choice);
  const missing = all.filter(({ name, mark }) => sent[name] !== mark);
  if (missing.length === 0) return;
  const folder = proxiedFolder(there.artifactUri);
  if (folder === undefined) {
    const names = missing.map(({ name }) => name).join(", ");
    warn(
      `${view.name}: ${names} not sent, since this MLflow server does not take files (it keeps them at ${there.artifactUri}). Start it with --artifacts-destination.`,
    );
    return;
  }
  let known = sent;
  for (const artifact of missing) {
    await sendArtifact(server, folder, artifact);
    known = { ...known, [artifact.name]: artifact.mark };
    save(known);
  }
}

async function sendArtifact(
  server: Server,
  folder: readonly string[],
  { name, numBytes, body }: Artifact,
): Promise<void> {
  const path = `/api/2.0/mlflow-artifacts/artifacts/${[...folder, ...name.split("/")].map(encodeURIComponent).join("/")}`;
  try {
    const answer = await server.client.ask({ method: "PUT", path, body, numBytes });
    if (answer.kind === "done") return;
    throw failure(`MLflow refuses the file ${name}: ${answer.message}`, server);
  } catch (error) {
    if (!(error instanceof ExpError) || !concernsAllRuns(error)) throw error;
    // What files go through may refuse one that is too long, or be away, while figures still arrive.
    const { message, hint = server.hint } = error;
    throw failure(`The file ${name} did not arrive: ${message}`, { hint });
  }
}

/** `mlflow-artifacts:/1/9c1e/artifacts` → its parts; `undefined` for a place that only the server's own host can write. */
function proxiedFolder(uri: string): readonly string[] | undefined {
  const path = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/su.exec(uri)?.[1];
  return path?.split("/").filter((part) => part !== "");
}

function artifactsOf(
  tools: Pick<ArtifactTools, "files" | "beat">,
  view: RunView,
  { checkpoints }: ArtifactChoice,
): readonly Artifact[] {
  const config = prettyJson(view.config);
  const numBytes = Buffer.byteLength(config);
  const artifacts: Artifact[] = [
    { name: "config.json", mark: sha256(config), numBytes, body: () => config },
  ];
  if (view.status !== "finished") return artifacts;
  for (const name of [runFiles.modelCard, runFiles.reproduce, runFiles.metrics]) {
    artifacts.push(...fileArtifact(tools, view, name));
  }
  if (!checkpoints) return artifacts;
  for (const name of tools.files.list(join(view.directory, "checkpoints"))) {
    artifacts.push(...fileArtifact(tools, view, `checkpoints/${name}`));
  }
  return artifacts;
}

/** A published run never changes, so its size says enough. */
function fileArtifact(
  tools: Pick<ArtifactTools, "files" | "beat">,
  view: RunView,
  name: string,
): readonly Artifact[] {
  const path = join(view.directory, name);
  const status = tools.files.status(path);
  if (status?.kind !== "file") return [];
  const { numBytes } = status;
  return [{ name, mark: `${numBytes} bytes`, numBytes, body: () => streamOf(tools, path) }];
}

function streamOf(
  { files, beat }: Pick<ArtifactTools, "files" | "beat">,
  path: string,
): ReadableStream<Uint8Array> {
  let start = 0;
  return new ReadableStream({
    pull: (controller) => {
      beat();
      const part = files.readFrom(path, start, partBytes);
      start += part.length;
      if (part.length === 0) controller.close();
      else controller.enqueue(part);
    },
  });
}
