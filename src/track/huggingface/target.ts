/**
 * A finished run as a folder that can be uploaded to Hugging Face as it is: README.md with the metadata of its model card,
 * the best parameters, the config, and what is needed to use the model. Nothing is sent.
 */
import { join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import { decodeSafetensors, encodeSafetensors } from "../../core/safetensors.ts";
import type { FileSystem } from "../../store/file-system.ts";
import { prettyJson } from "../../store/json-file.ts";
import { withoutTracking } from "../../store/redact-config.ts";
import { artifactFolder, runFiles } from "../../store/run-layout.ts";
import { remainingRows } from "../metric-rows.ts";
import type { RunView } from "../run-view.ts";
import type { SendReport, SendRequest, Target } from "../target.ts";

/** Where the folder goes, and what is handed in. */
export interface HuggingFaceOptions {
  readonly files: FileSystem;
  /** Absolute; each run gets a folder in it. */
  readonly folder: string;
}

/** Writes runs as folders of Hugging Face models. */
export function createHuggingFaceTarget(options: HuggingFaceOptions): Target {
  return {
    place: { kind: "hf", where: { folder: options.folder } },
    send: async (request) => sendRun(options, request),
  };
}

function sendRun({ files, folder }: HuggingFaceOptions, request: SendRequest): SendReport {
  const { view, cursor, rows } = request;
  if (view.status !== "finished") {
    throw new ExpError("usage", `${view.name} is ${view.status}: it has no model card yet.`, {
      hint: "Export it when it is finished.",
    });
  }
  const contents = modelFiles(files, view);
  const place = join(folder, `${safeName(view)}-${view.name}`);
  const { files: noted } = cursor.state().sent;
  const written = new Map(Object.entries(isPlainObject(noted) ? noted : {}));
  files.ensureRoot(place);
  const kept = contents.filter(([path, bytes]) => {
    const isThere = writeOwn({ files, folder: place, digest: written.get(path) }, [path, bytes]);
    if (isThere) written.set(path, sha256(bytes));
    return !isThere && path !== "README.md"; // a card is written on by its readers
  });
  if (kept.length > 0) {
    const names = kept.map(([path]) => path).join(", ");
    request.warn(
      `${place}: ${names}: not as exp export wrote it, and left as it is. Without it, exp export writes it again.`,
    );
  }
  remainingRows(rows);
  const sent: JsonObject = { files: Object.fromEntries(written) };
  cursor.save({ rows: rows.position(), sent, isComplete: true });
  return { numRows: 0, shownAt: place };
}

type ModelFile = readonly [path: string, bytes: Uint8Array];

function modelFiles(files: FileSystem, view: RunView): readonly ModelFile[] {
  const encoder = new TextEncoder();
  const documents = [
    ["README.md", runFiles.modelCard],
    ["REPRODUCE.md", runFiles.reproduce],
    [runFiles.metrics, runFiles.metrics],
  ] as const;
  const copied = documents.flatMap(([to, from]): ModelFile[] => {
    const bytes = read(files, view, from);
    return bytes === undefined ? [] : [[to, bytes]];
  });
  const artifacts = files
    .list(join(view.directory, artifactFolder))
    .flatMap((name): ModelFile[] => {
      const bytes = name.endsWith(".json") && read(files, view, `${artifactFolder}/${name}`);
      return bytes ? [[`${artifactFolder}/${name}`, bytes]] : [];
    });
  const config = {
    library_name: "lockstep",
    model_type: modelKind(view),
    ...withoutTracking(view.config),
  };
  const weights = modelWeights(files, view);
  return [
    ...copied,
    ["config.json", encoder.encode(prettyJson(config))],
    ...artifacts,
    ...(weights === undefined ? [] : [["model.safetensors", weights] as const]),
  ];
}

function modelKind({ values, experiment }: RunView): string {
  const kind = values.get("model.kind");
  return typeof kind === "string" ? kind : experiment;
}

/** The parameters of the best checkpoint, without what only resuming needs; none for a task that trains no model. */
function modelWeights(files: FileSystem, view: RunView): Uint8Array | undefined {
  const bytes =
    read(files, view, "checkpoints/best.safetensors") ??
    read(files, view, "checkpoints/last.safetensors");
  if (bytes === undefined) return undefined;
  const { tensors, metadata } = decodeSafetensors(bytes);
  const parameters = new Map([...tensors].filter(([name]) => !name.includes("/")));
  const { identities } = view;
  const facts = {
    format: "pt", // row-major float32 under the names that PyTorch has; loaders of the Hub want to be told
    step: metadata["step"] ?? "",
    runKey: view.runKey,
    configHash: identities.configHash ?? "",
  };
  return parameters.size === 0 ? undefined : encodeSafetensors(parameters, facts);
}

function read(files: FileSystem, { directory }: RunView, path: string): Uint8Array | undefined {
  return files.read(join(directory, path));
}

/** Where a file goes, and what an earlier export wrote there. */
interface OwnFile extends HuggingFaceOptions {
  readonly digest: unknown;
}

/**
 * Writes a file that is missing, or that is as an earlier export wrote it.
 * @returns Whether it has the bytes now; false for a file that somebody else wrote on.
 */
function writeOwn({ files, folder, digest }: OwnFile, [path, bytes]: ModelFile): boolean {
  const place = join(folder, path);
  const there = files.status(place)?.kind === "file" ? files.read(place) : undefined;
  if (there !== undefined) {
    const found = sha256(there);
    if (found === sha256(bytes)) return true;
    if (found !== digest) return false;
  }
  files.ensureFolders(join(place, ".."));
  files.writeFile(place, bytes, "later");
  return true;
}

/** `bert-lr`; anything that could leave the folder, or hide in it, is replaced. */
function safeName({ experiment }: RunView): string {
  const safe = experiment
    .replace(/[^A-Za-z0-9_.-]+/gu, "-")
    .replace(/^[.-]+/u, "")
    .slice(0, 60);
  return safe === "" ? "model" : safe;
}
