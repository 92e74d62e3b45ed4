import * as oxc from "oxc-parser";
import { expect, test } from "vitest";
import { readFieldDocs } from "../../../src/resolve/field-docs.ts";

/** The docs of the modules of a project, by file. */
function docs(files: Readonly<Record<string, string>>): ReturnType<typeof readFieldDocs> {
  const modules = Object.entries(files).map(([file, text]) => ({ file: `/p/${file}`, text }));
  return readFieldDocs(oxc, modules);
}

const shared = `
/** A fraction. */
const rate = z.number();
export const common = {
  /** How many. */
  count: z.int(),
};
/** Files on disk. */
const places = {
  /** A folder. */
  path: z.string(),
};
`;

test("a field has the comment before its key, through spreads, constants and other modules", () => {
  const found = docs({
    "shared.ts": shared,
    "schema.ts": `import { common } from "./shared.ts";
      const fields = { ...common, /** Which kind. */ kind: z.literal("a"), plain: z.int() };
      export const schema = wrap<Config>(z.strictObject(fields)).meta({});`,
  });
  expect([...found.ofObject({ keys: ["count", "kind", "plain"], kind: "a" })]).toEqual([
    ["count", "How many."],
    ["kind", "Which kind."],
  ]);
});

test("without one, it has the comment of the constant that its schema begins with", () => {
  const found = docs({
    "a.ts": `${shared}
      const schema = z.object({ rate, decay: rate.default(0.1), path: places.path, n: z.int() });`,
  });
  const keys = ["rate", "decay", "path", "n"];
  expect(Object.fromEntries(found.ofObject({ keys }))).toEqual({
    rate: "A fraction.",
    decay: "A fraction.",
    path: "A folder.",
  });
});

test("members of a union are told apart by their kind, equal shapes by the key that they stand under", () => {
  const found = docs({
    "a.ts": `
      const adamw = z.strictObject({ /** One. */ kind: z.literal("adamw"), /** A. */ rate: z.number() });
      const sgd = z.strictObject({ /** Two. */ kind: z.literal("sgd"), /** B. */ rate: z.number() });
      const root = z.strictObject({
        first: z.strictObject({ /** Of the first. */ size: z.int() }).optional(),
        second: z.strictObject({ /** Of the second. */ size: z.int() }),
      });`,
  });
  const keys = ["kind", "rate"];
  expect(found.ofObject({ keys, kind: "adamw" }).get("rate")).toBe("A.");
  expect(found.ofObject({ keys, kind: "sgd" }).get("kind")).toBe("Two.");
  expect(found.ofObject({ keys: ["size"], parentKey: "second" }).get("size")).toBe(
    "Of the second.",
  );
  expect(found.ofObject({ keys: ["size"] }).size).toBe(0); // either could be meant
});

test("fields of Lockstep that a task spreads in keep their comments, and open objects lend theirs", () => {
  const found = docs({
    "envelope.ts":
      "export const envelopeFields = { /** Root of all randomness. */ seed: z.int() };",
    "task.ts": `import { envelopeFields } from "lockstep";
      z.strictObject({ ...envelopeFields, ...unknown(), /** Own. */ size: z.int() });`,
  });
  expect(Object.fromEntries(found.ofObject({ keys: ["seed", "size", "more"] }))).toEqual({
    seed: "Root of all randomness.",
    size: "Own.",
  });
});

test("a config's own literal is no schema", () => {
  const found = docs({ "a.ts": "export default defineConfig({ /** Not a doc. */ size: 3 });" });
  expect(found.ofObject({ keys: ["size"] }).size).toBe(0);
});
