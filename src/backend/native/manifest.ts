/** `manifest.json` of a compiled backend: what it was made from, and the digest of every file of it. */
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import { isCompiled, type CompiledName } from "./place.ts";
import { productsGlue } from "./products-glue.ts";
import { productsHeader } from "./products-header.ts";
import { productsLevel } from "./products-level.ts";
import { productSettings } from "./products-levels.ts";
import { productsPieces } from "./products-pieces.ts";

/** The first field of every manifest. */
export const manifestFormat = "lockstep/backend/1";

/** A type, so that it is plain JSON data. */
export type BackendManifest = {
  readonly format: typeof manifestFormat;
  readonly backend: CompiledName;
  /** What `TF_Version` of the library says: `2.21.0`. */
  readonly tensorflow: string;
  /** What was asked for: `tensorflow-cpu==2.21.0`, or the name of a file or folder. */
  readonly request: string;
  /** The npm package whose sources were compiled: `@tensorflow/tfjs-node-gpu@4.22.0`. */
  readonly sources: string;
  /** Version of Node-API that the addon was compiled for. */
  readonly nodeApi: number;
  /** `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  /** What `g++ --version` says first. */
  readonly compiler: string;
  /** Version of the Node.js that tested it. */
  readonly testedWith: string;
  /** Folders of CUDA's libraries, relative, in the order of the search. */
  readonly libraryFolders: readonly string[];
  /** Every file but this one, sorted by path. */
  readonly files: readonly FileFacts[];
};

export type FileFacts = {
  /** Relative to the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
};

/** The addon's path in the folder of a backend. */
export const addonPath = "addon/tfjs_binding.node";
const productsDigest = sha256(
  [productsHeader, productsLevel, productsPieces, productsGlue, productSettings].join("\n"),
);
/** Our own products for `native`, named by their text and how it is compiled: those of another version are not taken. */
export const productsPath: string = `addon/products-${productsDigest.slice(0, 8)}.node`;
/** The library whose digest stands for the numbers that come out. */
export const libraryPath = "tensorflow/libtensorflow_cc.so.2";

/**
 * Reads a manifest.
 * @param where - Path of the file, for the error.
 * @throws {ExpError} `environment` when it is not one of this format.
 */
export function parseManifest(text: string, where: string): BackendManifest {
  const value = parseJson(text);
  if (isPlainObject(value) && hasTexts(value) && hasLists(value)) {
    return value as JsonObject as BackendManifest; // every field was just looked at
  }
  throw new ExpError("environment", `${where} is no ${manifestFormat}.`, {
    hint: "Remove the folder that it lies in, then install the backend again.",
  });
}

const texts = ["tensorflow", "request", "sources", "platform", "arch", "compiler", "testedWith"];

function hasTexts(value: Readonly<Record<string, unknown>>): boolean {
  const { format, backend, nodeApi } = value;
  if (format !== manifestFormat || typeof backend !== "string" || !isCompiled(backend))
    return false;
  return Number.isSafeInteger(nodeApi) && texts.every((name) => typeof value[name] === "string");
}

function hasLists({ libraryFolders, files }: Readonly<Record<string, unknown>>): boolean {
  if (!Array.isArray(libraryFolders) || !Array.isArray(files)) return false;
  const isFile = (file: unknown): boolean =>
    isPlainObject(file) &&
    typeof file["path"] === "string" &&
    typeof file["bytes"] === "number" &&
    typeof file["sha256"] === "string";
  return libraryFolders.every((path) => typeof path === "string") && files.every(isFile);
}
