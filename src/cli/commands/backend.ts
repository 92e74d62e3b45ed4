/** `exp backend install|list|test|remove`: the backends that are compiled on this machine. */
import { resolve } from "node:path";
import { testBackend } from "../../app/backends/check-backend.ts";
import { installBackend } from "../../app/backends/install.ts";
import {
  damagedBackends,
  listBackends,
  readBackendName,
  removeBackends,
} from "../../app/backends/manage.ts";
import { readTensorflowSource } from "../../app/backends/wheel.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatBytes } from "../../core/number-text.ts";
import { nearest } from "../../core/suggest.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { watchSignals } from "../signals.ts";
import { formatTable } from "../table.ts";
import { printable } from "../terminal.ts";

const examples = `
Examples:
  exp backend install native                        TensorFlow for CPUs, about a minute and 0.9 GB of disk
  exp backend install cuda                          with CUDA, for NVIDIA GPUs
  exp backend install native --tensorflow 2.19.1    another version; 2.16 and newer work
  exp backend install native --tensorflow ./tensorflow_cpu-2.21.0-….whl
  exp backend install native --from ./packages      without a network: wheels and npm packages from a folder
  exp backend list
  exp backend test native                           digests of all files, and a multiplication
  exp backend remove native --tensorflow 2.19.1     that version alone; without it all of them`;

/** `exp backend`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<action>", "install, list, test or remove")
      .argument("[name]", "native or cuda")
      .option(
        "--tensorflow <version>",
        "install: a version, a wheel, or the folder of an installed TensorFlow; remove: a version",
      )
      .option(
        "--from <folder>",
        "install: take wheels and npm packages from a folder, not from registries",
      )
      .option("--rebuild", "install: also where a whole installation is there")
      .addHelpText("after", examples);
  },
  run: backendCommand,
};

const actions = { install, list, test, remove } as const;

/** The options that an action has; the parser knows them for the whole command alone. */
const optionsOf: Readonly<Record<keyof typeof actions, readonly string[]>> = {
  install: ["tensorflow", "from", "rebuild"],
  list: [],
  test: [],
  remove: ["tensorflow"],
};

function refuseOtherOptions(action: keyof typeof actions, { options }: Invocation): void {
  const known = optionsOf[action];
  const other = optionsOf.install.find(
    (name) => options[name] !== undefined && !known.includes(name),
  );
  if (other === undefined) return;
  throw new ExpError("usage", `exp backend ${action} has no option --${other}.`, {
    hint: `Leave it out; \`exp backend install\` has it.`,
  });
}

async function backendCommand(invocation: Invocation, session: Session): Promise<number> {
  const [action = ""] = invocation.operands;
  const known = Object.keys(actions);
  if (!isAction(action)) {
    const meant = nearest(action, known);
    throw new ExpError("usage", `exp backend: ${JSON.stringify(action)} is no action.`, {
      hint:
        meant === undefined
          ? `There are ${known.join(", ")}.`
          : `Did you mean exp backend ${meant}?`,
    });
  }
  refuseOtherOptions(action, invocation);
  const watch = watchSignals(
    (line) => session.stderr.write(`${line.split(":")[0]}: stopping\n`),
    () => "stopping",
  );
  try {
    const { text, document } = await actions[action](invocation, session, watch.signal);
    session.stdout.write(
      invocation.json ? jsonLine({ format: "lockstep/backends/1", ...document }) : `${text}\n`,
    );
    return exitStatus.done;
  } finally {
    watch.close();
  }
}

function isAction(text: string): text is keyof typeof actions {
  return Object.hasOwn(actions, text);
}

interface Answer {
  readonly text: string;
  readonly document: JsonObject;
}

async function install(
  { operands, options }: Invocation,
  { stderr, workingDirectory, planContext }: Session,
  signal: AbortSignal,
): Promise<Answer> {
  const backend = readBackendName(operands[1]);
  const path = (text: unknown): string | undefined =>
    typeof text === "string" ? resolve(workingDirectory, text) : undefined;
  const { tensorflow } = options;
  const isVersion = typeof tensorflow === "string" && /^\d+\.\d+\.\d+$/u.test(tensorflow);
  const { installation, wasThere } = await installBackend({
    backend,
    tensorflow: readTensorflowSource(isVersion ? tensorflow : path(tensorflow)),
    from: path(options["from"]),
    rebuild: options["rebuild"] === true,
    variables: planContext.environment,
    signal,
    observe: (text) => {
      stderr.write(`${printable(text)}\n`);
    },
  });
  const { folder, manifest } = installation;
  const what = wasThere ? "was installed already, and is in use" : "is installed and in use";
  return {
    text: `${backend} with TensorFlow ${manifest.tensorflow} ${what}: ${printable(folder)}\nTry it with: exp FILE backend=${backend}`,
    document: { backend, tensorflow: manifest.tensorflow, folder, wasThere },
  };
}

function list({ operands }: Invocation, { planContext }: Session): Promise<Answer> {
  const name = operands[1] === undefined ? undefined : readBackendName(operands[1]);
  const found = listBackends(name, planContext.environment);
  const columns = ["backend", "tensorflow", "in use", "size", "folder"].map((title) => ({ title }));
  const rows = found.map(({ manifest, isInUse, folder, problem }) => [
    manifest.backend,
    manifest.tensorflow,
    isInUse ? "yes" : "",
    formatBytes(manifest.files.reduce((sum, { bytes }) => sum + bytes, 0)),
    printable(problem === undefined ? folder : `${folder}: ${problem}`),
  ]);
  const damaged = damagedBackends(name, planContext.environment);
  const what = name === undefined ? "No backend is installed" : `${name} is not installed`;
  const none = `${what}; wasm and cpu need none. Try: exp backend install ${name ?? "native"}`;
  const table = rows.length === 0 ? [] : formatTable(columns, rows);
  const lines = [...table, ...damaged.map(printable)];
  return Promise.resolve({
    text: lines.length === 0 ? none : lines.join("\n"),
    document: {
      ...(damaged.length > 0 && { damaged }),
      backends: found.map(({ manifest, isInUse, folder, problem, id }) => ({
        backend: manifest.backend,
        id,
        folder,
        isInUse,
        manifest,
        ...(problem === undefined ? {} : { problem }),
      })),
    },
  });
}

async function test(
  { operands }: Invocation,
  { planContext }: Session,
  signal: AbortSignal,
): Promise<Answer> {
  const backend = readBackendName(operands[1]);
  const variables = planContext.environment;
  const tested = await testBackend(backend, { variables, signal });
  const { tensorflow, usesGpu, numFiles, installation } = tested;
  const device = usesGpu ? "on a GPU" : "on the CPU";
  return {
    text: `${backend} with TensorFlow ${tensorflow} computes ${device}; ${numFiles} files have their digests: ${printable(installation.folder)}`,
    document: { backend, tensorflow, usesGpu, numFiles, folder: installation.folder },
  };
}

function remove({ operands, options }: Invocation, { planContext }: Session): Promise<Answer> {
  const backend = readBackendName(operands[1]);
  const variables = planContext.environment;
  const version = versionToRemove(options["tensorflow"]);
  const removed = removeBackends(backend, variables, version);
  const left = listBackends(backend, variables);
  const lines = [removed.length === 0 ? noneRemoved(version) : `removed ${removed.join(", ")}`];
  if (left.length > 0) {
    const versions = [...new Set(left.map(({ manifest }) => manifest.tensorflow))];
    const isUsed = left.some(({ isInUse }) => isInUse);
    const use = `; none is in use: \`exp backend install ${backend} --tensorflow VERSION\` takes one`;
    lines.push(`TensorFlow ${versions.join(", ")} is still installed${isUsed ? "" : use}`);
  }
  return Promise.resolve({
    text: `${backend}: ${lines.join("; ")}`,
    document: { backend, removed: [...removed] },
  });
}

function noneRemoved(version: string | undefined): string {
  return version === undefined ? "nothing was installed" : `no TensorFlow ${version} was installed`;
}

function versionToRemove(given: unknown): string | undefined {
  if (typeof given !== "string") return undefined;
  if (/^\d+\.\d+\.\d+$/u.test(given)) return given;
  throw new ExpError("usage", `exp backend remove --tensorflow ${given}: expected a version.`, {
    hint: "`exp backend list` tells those that are installed.",
  });
}
