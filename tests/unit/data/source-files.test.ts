import { join } from "node:path";
import { expect, test } from "vitest";
import { findSourceFiles, type FileField } from "../../../src/data/source-files.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

const fields = (files: { readonly train: string }): readonly FileField[] => [
  { field: "data.files.train", name: "train", location: files.train },
];

test("files lie inside data.path where that is set", async () => {
  const folder = temporaryFolder({ "sets/a/x.tsv": "" });
  const expected = {
    path: join(folder, "sets/a/x.tsv"),
    name: "train",
    shown: join("sets", "a", "x.tsv"),
  };
  const inside = { path: "sets/a", files: { train: "x.tsv" } };
  expect(await findSourceFiles(inside, fields, folder)).toEqual([expected]);
  const direct = { files: { train: join("sets", "a", "x.tsv") } };
  expect(await findSourceFiles(direct, fields, folder)).toEqual([expected]);
});

test("a file is known by its role, whatever it is called", async () => {
  const folder = temporaryFolder({ "x.tsv": "" });
  const found = await findSourceFiles({ path: "x.tsv" }, fields, folder);
  expect(found.map(({ name }) => name)).toEqual(["train"]);
});

test("a folder without files is an error that lists what is in it", async () => {
  const folder = temporaryFolder({ "set/train.tsv": "", "set/dev.tsv": "" });
  const error = await errorOf(() => findSourceFiles({ path: "set" }, fields, folder));
  expect(error).toMatchObject({
    code: "data",
    message:
      "data.path: set is a folder, and data.files does not say what to read in it. It holds dev.tsv, train.tsv.",
    hint: "Set data.files.train (and .validation, .test), or name one file in data.path.",
  });
});

test("a missing file names what was looked for, what is there, and the nearest name", async () => {
  const folder = temporaryFolder({ "set/train.tsv": "", "set/dev.tsv": "" });
  const settings = { path: "set", files: { train: "trian.tsv" } };
  const error = await errorOf(() => findSourceFiles(settings, fields, folder));
  expect(error.message).toBe(
    "data.files.train: set/trian.tsv does not exist. Its folder holds dev.tsv, train.tsv.",
  );
  expect(error.hint).toBe(`Looked at ${join(folder, "set/trian.tsv")}. Did you mean train.tsv?`);
});

test.each([
  [
    "a missing file",
    { path: "no.tsv" },
    "data.path: no.tsv does not exist. Its folder holds a.tsv, set.",
  ],
  [
    "a missing folder",
    { path: "no", files: { train: "a" } },
    "data.path: no does not exist. Its folder holds a.tsv, set.",
  ],
  ["a missing folder above", { path: "no/way" }, "data.path: no/way does not exist."],
  [
    "a file where a folder is needed",
    { path: "a.tsv", files: { train: "a" } },
    "data.path: a.tsv is a file, but data.files needs a folder.",
  ],
  [
    "a folder where a file is needed",
    { files: { train: "set" } },
    "data.files.train: set is a folder, not a file. Its folder holds a.tsv, set.",
  ],
])("%s is an error of its own", async (_name, settings, message) => {
  const folder = temporaryFolder({ "a.tsv": "", "set/b.tsv": "" });
  const error = await errorOf(() => findSourceFiles(settings, fields, folder));
  expect(error).toMatchObject({ code: "data", message });
});

test("a config without any file is refused", async () => {
  const error = await errorOf(() => findSourceFiles({}, fields, "/"));
  expect(error.code).toBe("config");
  expect(error.issues).toEqual([{ path: ["data"], message: "path or files.train must be set" }]);
});
