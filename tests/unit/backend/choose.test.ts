import { expect, test } from "vitest";
import { chooseBackend, NUMERICS_VERSION } from "../../../src/backend/choose.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";

const host = { nodeVersion: "22.11.0", arch: "arm64" };

test("auto takes wasm and says why", () => {
  expect(chooseBackend("auto", host)).toEqual({
    backend: "wasm",
    reason:
      "wasm is the fastest backend that is installed, and its bits are equal on every machine.",
    environmentClass: `wasm/${NUMERICS_VERSION}`,
  });
});

test("the class of wasm does not depend on the machine, that of cpu names Node and architecture", () => {
  const other = { nodeVersion: "20.20.2", arch: "x64" };
  expect(chooseBackend("wasm", host).environmentClass).toBe(
    chooseBackend("wasm", other).environmentClass,
  );
  expect(chooseBackend("cpu", host).environmentClass).toBe(`cpu/${NUMERICS_VERSION}/22/arm64`);
  expect(chooseBackend("cpu", other).environmentClass).toBe(`cpu/${NUMERICS_VERSION}/20/x64`);
});

test("without a host it describes this process", () => {
  const major = process.versions.node.split(".")[0];
  expect(chooseBackend("cpu").environmentClass).toBe(
    `cpu/${NUMERICS_VERSION}/${major}/${process.arch}`,
  );
});

test("an unknown name is refused with the names there are and the nearest one", () => {
  const message = messageOf(() => chooseBackend("wasn", host));
  expect(message).toMatchInlineSnapshot(`
    "config: There is no such backend.
      backend: Expected one of auto, wasm, cpu. (found "wasn"). Did you mean wasm?
    Leave \`backend\` out, or set it to auto: then Lockstep takes the best one that is installed."
  `);
});

test("a name that is nobody's property is unknown too", () => {
  expect(messageOf(() => chooseBackend("constructor", host))).toContain(
    "There is no such backend.",
  );
});

function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${formatError(error)}`;
    throw error;
  }
  throw new Error("nothing was refused");
}
