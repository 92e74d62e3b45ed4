/**
 * A finished run as a folder that can be uploaded to Hugging Face as it is: README.md with the metadata of its model card,
 * the best parameters, the config, and what is needed to use the model. Nothing is sent.
 */
import { join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import type { JsonObject } from "../../core/json.ts";
import { decodeSafetensors, encodeSafetensors } from "../../core/safetensors.ts";
import type { FileSystem } from "../../store/file-system.ts";
import { prettyJson } from "../../store/json-file.ts";
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
  const listed: JsonObject = Object.fromEntries(
    contents.map(([path, bytes]) => [path, sha256(bytes)]),
  );
  files.ensureRoot(place);
  for (const [path, bytes] of contents) writeMissing(files, place, [path, bytes]);
  remainingRows(rows);
  cursor.save({ rows: rows.position(), sent: { files: listed }, isComplete: true });
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
  const config = { library_name: "lockstep", model_type: modelKind(view), ...view.config };
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

/** A file that is there with the same bytes is left as it is; one with others is replaced only where it is ours. */
function writeMissing(files: FileSystem, folder: string, [path, bytes]: ModelFile): void {
  const place = join(folder, path);
  const before = files.status(place);
  if (before?.kind === "file") {
    const there = files.read(place);
    if (there !== undefined && sha256(there) === sha256(bytes)) return;
    if (path === "README.md") return; // a card is written on by its readers
  }
  files.ensureFolders(join(place, ".."));
  files.writeFile(place, bytes, "later");
}

/** `bert-lr`; anything that could leave the folder, or hide in it, is replaced. */
function safeName({ experiment }: RunView): string {
  const safe = experiment
    .replace(/[^A-Za-z0-9_.-]+/gu, "-")
    .replace(/^[.-]+/u, "")
    .slice(0, 60);
  return safe === "" ? "model" : safe;
}
