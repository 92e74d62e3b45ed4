/** Resolved configs as modules write them. */
import { expect, test } from "vitest";
import { z } from "zod";
import { field } from "../../../src/core/marks.ts";
import { asWritten } from "../../../src/resolve/module-locations.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";

const location = (facts: { insideOf?: string; orRun?: boolean } = {}): z.ZodType =>
  z.string().meta(field({ location: facts }));
const view = createSchemaView(
  z.strictObject({
    name: z.string().optional(),
    path: location(),
    start: location({ orRun: true }),
    inside: location({ insideOf: "folder" }),
    folder: location().nullable(),
    files: z.array(z.strictObject({ at: location() })),
    model: z.discriminatedUnion("kind", [
      z.strictObject({ size: z.int(), kind: z.literal("a"), weights: location() }),
    ]),
  }),
);
const place = { projectDirectory: "/project", folder: "/project/experiments/deep" };

test("locations are relative to the module's folder, except what names a run or is inside of another", () => {
  const config = {
    path: "data/a.tsv",
    start: "0123abcd",
    inside: "b.tsv",
    folder: "experiments/deep",
    files: [{ at: "experiments/deep/c" }],
    model: { kind: "a", size: 1, weights: "../w" },
  };
  expect(asWritten(config, view, place)).toStrictEqual({
    path: "../../data/a.tsv",
    start: "0123abcd",
    inside: "b.tsv",
    folder: ".",
    files: [{ at: "c" }],
    model: { kind: "a", size: 1, weights: "../../../w" },
  });
  const loose = { ...config, folder: null, start: "./experiments/deep/0123abcd" };
  expect(asWritten(loose, view, place)).toMatchObject({
    inside: "../../b.tsv",
    start: "./0123abcd",
  });
});

test("fields stand in the order of the schema, the kind first", () => {
  const config = {
    model: { weights: "w", size: 1, kind: "a" },
    files: [],
    folder: null,
    path: "a",
    name: "x",
  };
  const written = asWritten(config, view, place);
  expect(Object.keys(written)).toStrictEqual(["name", "path", "folder", "files", "model"]);
  expect(Object.keys(written["model"] ?? {})).toStrictEqual(["kind", "size", "weights"]);
});
