/** What a compiler made of our own products is taken only with the bits that belong to each set of instructions. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { requireInstallation } from "../../../../src/backend/native/installation.ts";
import { productsPath } from "../../../../src/backend/native/manifest.ts";
import { productLevels } from "../../../../src/backend/native/products-levels.ts";
import {
  levelsOf,
  refuseOtherBits,
  tryProducts,
} from "../../../../src/backend/native/try-products.ts";
import { becomeProcessOf } from "./installed.ts";

test.runIf(becomeProcessOf("native"))(
  "the installed products compute the bits that are known, by every set of instructions of this machine",
  () => {
    const file = join(requireInstallation("native", process.env).folder, productsPath);
    const names = productLevels(process.arch).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...levelsOf(file)]));
    tryProducts(file);
  },
);

/** Products that are JavaScript, and leave the result as it was. */
function emptyProducts(): string {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-products-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "products.cjs");
  const functions = "useMemory() {}, multiplyPiece() {}, useLevel() {}";
  writeFileSync(file, `module.exports = { levels: ["plain"], ${functions} };`);
  return file;
}

test("products that compute other bits are refused, with the command that makes others", () => {
  const file = emptyProducts();
  expect(() => {
    tryProducts(file);
  }).toThrow(
    expect.objectContaining({
      code: "environment",
      message: expect.stringContaining(
        "Our own products compute other bits than they should (plain: ",
      ) as string,
      hint: "Compile them with g++: CXX=g++ exp backend install native --rebuild.",
    }),
  );
});

const once = "73b3400b28673bcf8c1269569c87b8ec9eaaf1848c4a3bc9ebc35ac9ffa82b20";
const twice = "6084d7920c13e003f495e60a78fc6670ff49587f0084141b9b63c23ba2e3db90";

test.each([
  { name: "avx512", arch: "x64", own: once, other: twice },
  { name: "avx2", arch: "x64", own: once, other: twice },
  { name: "plain", arch: "x64", own: twice, other: once },
  { name: "plain", arch: "arm64", own: once, other: twice },
])("of $name on $arch the bits of another set are refused", ({ name, arch, own, other }) => {
  refuseOtherBits(name, own, arch);
  expect(() => {
    refuseOtherBits(name, other, arch);
  }).toThrow(`other bits than they should (${name}: ${other.slice(0, 16)})`);
});

test("a set of instructions that nobody knows is refused", () => {
  expect(() => {
    refuseOtherBits("avx1024", once, "x64");
  }).toThrow("avx1024");
});
