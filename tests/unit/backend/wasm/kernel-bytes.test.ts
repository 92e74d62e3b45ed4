import { expect, test } from "vitest";
import { bytesModule } from "../../compile-assembly.ts";

test("the committed kernels are what the sources compile to", async () => {
  const features = ["--enable", "simd", "--enable", "threads", "--sharedMemory", "--importMemory"];
  const pages = ["--initialMemory", "16", "--maximumMemory", "65536"];
  const text = await bytesModule({
    folder: "src/backend/wasm",
    sources: ["index.ts"],
    target: "kernel-bytes.ts",
    constant: "kernelBase64",
    // Vectors cross no border of the module; the compiler warns that they could not.
    options: [...features, ...pages, "--memoryBase", "1024", "--exportTable", "--disableWarning"],
    test: "tests/unit/backend/wasm",
  });
  await expect(text).toMatchFileSnapshot("../../../../src/backend/wasm/kernel-bytes.ts");
}, 60_000);
