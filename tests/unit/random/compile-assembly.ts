/** Compiles the AssemblyScript of `src/random/assembly`, to compare with what is committed. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { main } from "assemblyscript/asc";
import { format, resolveConfig } from "prettier";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const sources = ["math.ts", "samples.ts"].map((name) => `src/random/assembly/${name}`);

/** The text that `src/random/wasm-bytes.ts` must have for the sources as they are. */
export async function wasmBytesModule(): Promise<string> {
  const text = `/**
 * Compiled from \`assembly/*.ts\` by the pinned AssemblyScript; written by a test (\`vitest run -u tests/unit/random\`),
 * which also compares it. Text, because modules run from source and from the package alike.
 */
export const wasmBase64: string =
${lines(Buffer.from(await compile()).toString("base64"))};
`;
  const path = `${repository}src/random/wasm-bytes.ts`;
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

async function compile(): Promise<Uint8Array> {
  let compiled: Uint8Array | undefined;
  const { error } = await main(
    [
      ...sources,
      "--outFile",
      "random.wasm",
      "--runtime",
      "stub",
      "--noAssert",
      "-O3",
      "--converge",
    ],
    {
      readFile: (name, folder) => readOrNull(`${folder}/${name}`),
      writeFile: (name, contents) => {
        if (name === "random.wasm" && typeof contents !== "string") compiled = contents;
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
  return (text.match(/.{1,92}/g) ?? []).map((line) => `  "${line}"`).join(" +\n");
}
