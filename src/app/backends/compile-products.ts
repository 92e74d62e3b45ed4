/** Our own products of matrices, compiled for every set of instructions that they know; the machine's is chosen when they run. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { productsPath } from "../../backend/native/manifest.ts";
import { productsGlue } from "../../backend/native/products-glue.ts";
import { productsHeader } from "../../backend/native/products-header.ts";
import { productsLevel } from "../../backend/native/products-level.ts";
import { productFlags, productLevels } from "../../backend/native/products-levels.ts";
import { productsPieces } from "../../backend/native/products-pieces.ts";
import { ExpError } from "../../core/errors.ts";
import { nodeApiVersion, requireCompiler, type Compilation } from "./compile.ts";
import { callTool, toolError } from "./tool.ts";

/** What one call of the compiler makes, and with what. */
interface Step {
  readonly output: string;
  readonly args: readonly string[];
}

/**
 * Compiles them, in the folder of the work, into the backend's.
 * @throws {ExpError} `environment` without a compiler, and with what it says where it fails.
 */
export async function compileProducts(compilation: Omit<Compilation, "sources">): Promise<void> {
  const { headers, target, place } = compilation;
  const { program } = await requireCompiler(place);
  place.observe(`compiling products with ${program}`);
  const folder = join(place.directory, "products");
  mkdirSync(folder);
  const texts = {
    "products.h": productsHeader,
    "level.cc": productsLevel,
    "pieces.h": productsPieces,
    "glue.cc": productsGlue,
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  const output = join(target, productsPath);
  mkdirSync(dirname(output), { recursive: true });
  const objects = stepsFor(folder, headers, process.arch);
  const all = objects.map((step) => step.output);
  for (const step of [...objects, { output, args: ["-shared", ...all] }]) {
    const args = [...step.args, "-o", step.output];
    const end = await callTool({ ...place, program, args });
    if (end === undefined) throw new ExpError("environment", `${program} is gone.`);
    if (end.status !== 0) throw toolError(`${program} did not compile products`, end);
  }
}

function stepsFor(folder: string, headers: string, arch: string): readonly Step[] {
  const shared = [...productFlags, "-c"];
  const steps = productLevels(arch).map(({ name, width, rows, flags }): Step => {
    const sizes = [`-DLEVEL=${name}`, `-DWIDTH=${width}`, `-DROWS=${rows}`];
    const args = [...shared, ...sizes, ...flags, join(folder, "level.cc")];
    return { output: join(folder, `${name}.o`), args };
  });
  const include = [`-DNAPI_VERSION=${nodeApiVersion}`, `-I${join(headers, "include")}`];
  const glue = [...shared, ...include, join(folder, "glue.cc")];
  return [...steps, { output: join(folder, "glue.o"), args: glue }];
}
