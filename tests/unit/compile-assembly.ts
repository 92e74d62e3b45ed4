/** Compiles the AssemblyScript of `src`, to compare with the bytes that are committed. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { main } from "assemblyscript/asc";
import { format, resolveConfig } from "prettier";

const repository = fileURLToPath(new URL("../../", import.meta.url));

export interface AssemblyModule {
  /** The folder of `src` that holds `assembly/`. */
  readonly folder: string;
  /** Entry files in `assembly/`. */
  readonly sources: readonly string[];
  /** The TypeScript file with the bytes, and the name that it exports them by. */
  readonly target: string;
  readonly constant: string;
  /** Options of the compiler beside those that all modules share. */
  readonly options: readonly string[];
  /** Where the test that writes the file lies. */
  readonly test: string;
}

/** The text that the module's TypeScript file must have for the sources as they are. */
export async function bytesModule(module: AssemblyModule): Promise<string> {
  const text = `/**
 * Compiled from \`assembly/*.ts\` by the pinned AssemblyScript; written by a test (\`vitest run ${module.test} --update\`),
 * which also compares it. Text, because modules run from source and from the package alike.
 */
export const ${module.constant}: string =
${lines(Buffer.from(await compile(module)).toString("base64"))};
`;
  const path = `${repository}${module.folder}/${module.target}`;
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

async function compile({ folder, sources, options }: AssemblyModule): Promise<Uint8Array> {
  let compiled: Uint8Array | undefined;
  const shared = ["--outFile", "out.wasm", "--runtime", "stub", "--noAssert", "-O3", "--converge"];
  const { error } = await main(
    [...sources.map((name) => `${folder}/assembly/${name}`), ...shared, ...options],
    {
      readFile: (name, from) => readOrNull(`${from}/${name}`),
      writeFile: (name, contents) => {
        if (name === "out.wasm" && typeof contents !== "string") compiled = contents;
      },
      listFiles: () => [],
    },
  );
  if (compiled === undefined) throw new Error(`asc: ${error?.message ?? ""}`);
  return compiled;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path.startsWith("/") ? path : `${repository}${path}`, "utf8");
  } catch {
    return null; // the compiler asks for several places where a file may lie
  }
}

function lines(text: string): string {
  return (text.match(/.{1,600}/g) ?? []).map((line) => `  "${line}"`).join(" +\n");
}
