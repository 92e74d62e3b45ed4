import { expect, test } from "vitest";
import { threadLibrary } from "../../../../src/backend/native/addon.ts";
import { requireInstallation } from "../../../../src/backend/native/installation.ts";
import { tryProducts } from "../../../../src/backend/native/try-products.ts";
import { becomeProcessOf } from "./installed.ts";

test.runIf(becomeProcessOf("native"))(
  "the installed products compute the bits that are known",
  () => {
    tryProducts(threadLibrary(requireInstallation("native", process.env)));
  },
);

test("products that compute other bits are refused, with the command that makes others", () => {
  const source = "(require, memory, file) => () => {}"; // leaves the result as it was
  expect(() => tryProducts({ file: "/products.node", source })).toThrow(
    expect.objectContaining({
      code: "environment",
      message: expect.stringContaining(
        "Our own products compute other bits than they should",
      ) as string,
      hint: "Compile them with g++: CXX=g++ exp backend install native --rebuild.",
    }),
  );
});
