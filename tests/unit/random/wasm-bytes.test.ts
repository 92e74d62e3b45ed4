import { expect, test } from "vitest";
import { bytesModule } from "../compile-assembly.ts";

test("the committed bytes are what the sources compile to", async () => {
  const text = await bytesModule({
    folder: "src/random",
    sources: ["math.ts", "samples.ts"],
    target: "wasm-bytes.ts",
    constant: "wasmBase64",
    options: [],
    test: "tests/unit/random",
  });
  await expect(text).toMatchFileSnapshot("../../../src/random/wasm-bytes.ts");
}, 60_000);
