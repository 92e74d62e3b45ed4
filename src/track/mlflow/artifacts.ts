/** Files of a run, beside its figures: through the server where it hands them on, else told that they are not sent. */
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import type { JsonObject } from "../../core/json.ts";
import type { FileSystem } from "../../store/file-system.ts";
import { prettyJson } from "../../store/json-file.ts";
import { runFiles } from "../../store/run-layout.ts";
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
  readonly body: () => FileBody;
}

/** Bytes of a file that are in memory at once. */
const partBytes = 1 << 20;

/**
 * Sends the files that are missing.
 * @param sent - Marks of those that were sent, by their names; a copy of it comes back with what is there now.
 */
export async function sendArtifacts(
  {
    files,
    server,
    warn,
  }: {
    readonly files: FileSystem;
    readonly server: Server;
    readonly warn: (text: string) => void;
  },
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
): Promise<JsonObject> {
  const missing = artifactsOf(files, view, choice).filter(({ name, mark }) => sent[name] !== mark);
  if (missing.length === 0) return sent;
  const folder = proxiedFolder(there.artifactUri);
  if (folder === undefined) {
    const names = missing.map(({ name }) => name).join(", ");
    warn(
      `${view.name}: ${names} not sent, since this MLflow server does not take files (it keeps them at ${there.artifactUri}). Start it with --artifacts-destination.`,
    );
    return sent;
  }
  let known = sent;
  for (const { name, mark, body } of missing) {
    const path = `/api/2.0/mlflow-artifacts/artifacts/${[...folder, ...name.split("/")].map(encodeURIComponent).join("/")}`;
    const answer = await server.client.ask({ method: "PUT", path, body });
    if (answer.kind === "refused") {
      throw failure(`MLflow refuses the file ${name}: ${answer.message}`, server);
    }
    known = { ...known, [name]: mark };
  }
  return known;
}

/** `mlflow-artifacts:/1/9c1e/artifacts` → its parts; `undefined` for a place that only the server's own host can write. */
function proxiedFolder(uri: string): readonly string[] | undefined {
  const path = /^mlflow-artifacts:(?:\/\/[^/]*)?\/(.*)$/su.exec(uri)?.[1];
  return path?.split("/").filter((part) => part !== "");
}

function artifactsOf(
  files: FileSystem,
  view: RunView,
  { checkpoints }: ArtifactChoice,
): readonly Artifact[] {
  const config = prettyJson(view.config);
  const artifacts: Artifact[] = [{ name: "config.json", mark: sha256(config), body: () => config }];
  if (view.status !== "finished") return artifacts;
  for (const name of [runFiles.modelCard, runFiles.reproduce, runFiles.metrics]) {
    artifacts.push(...fileArtifact(files, view, name));
  }
  if (!checkpoints) return artifacts;
  for (const name of files.list(join(view.directory, "checkpoints"))) {
    artifacts.push(...fileArtifact(files, view, `checkpoints/${name}`));
  }
  return artifacts;
}

/** A published run never changes, so its size says enough. */
function fileArtifact(files: FileSystem, view: RunView, name: string): readonly Artifact[] {
  const path = join(view.directory, name);
  const status = files.status(path);
  if (status?.kind !== "file") return [];
  return [{ name, mark: `${status.numBytes} bytes`, body: () => streamOf(files, path) }];
}

function streamOf(files: FileSystem, path: string): ReadableStream<Uint8Array> {
  let start = 0;
  return new ReadableStream({
    pull: (controller) => {
      const part = files.readFrom(path, start, partBytes);
      start += part.length;
      if (part.length === 0) controller.close();
      else controller.enqueue(part);
    },
  });
}
