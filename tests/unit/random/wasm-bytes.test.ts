import { expect, test } from "vitest";
import { wasmBytesModule } from "./compile-assembly.ts";

test("the committed bytes are what the sources compile to", async () => {
  await expect(await wasmBytesModule()).toMatchFileSnapshot("../../../src/random/wasm-bytes.ts");
}, 60_000);
