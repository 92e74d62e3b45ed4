/** `lockstep.config.ts`, read without running it. */
import { expect, test } from "vitest";
import type { ExpError } from "../../../src/core/errors.ts";
import { sourceModules } from "../../../src/diff/source/modules.ts";
import { defaultLimits, readSettings, type FullSettings } from "../../../src/lint/settings.ts";

function settingsOf(text: string): FullSettings {
  const modules = sourceModules((file) => (file === "lockstep.config.ts" ? text : undefined));
  return readSettings(modules, modules.module("lockstep.config.ts"));
}

function issuesOf(text: string): readonly string[] {
  try {
    settingsOf(text);
  } catch (error) {
    const { issues } = error as ExpError;
    return issues.map(({ path, message, origin }) => {
      const line = origin?.kind === "source" ? origin.line : 0;
      return `${line} ${path.join(".")}: ${message}`;
    });
  }
  return [];
}

test("settings are read through constants and types, and defaults fill the rest", () => {
  const text = `import type { ProjectSettings } from "lockstep";
const off = { "missing-unit": false } as const;
const settings = { lint: { rules: off, limits: { lineage: 2 }, folders: ["a", "b"] } };
export default settings satisfies ProjectSettings;`;
  const { isOff, limits, folders } = settingsOf(text);
  expect([isOff("missing-unit"), isOff("set-twice")]).toEqual([true, false]);
  expect(limits).toEqual({ ...defaultLimits, lineage: 2 });
  expect(folders).toEqual(["a", "b"]);
});

test("no file, and one that says nothing of lint, are the defaults", () => {
  const modules = sourceModules(() => undefined);
  expect(readSettings(modules, undefined).limits).toEqual(defaultLimits);
  expect(settingsOf("export default {};").folders).toBeUndefined();
});

test("everything that is wrong is told with its line, and what would have to be run is refused", () => {
  const text = `export default {
  lint: {
    rules: { "missing-unt": false, "set-twice": "no" },
    limits: { lineage: 0, writes: Number("3") },
    folders: "experiments",
  },
  lent: 1,
};`;
  expect(issuesOf(text)).toEqual([
    "4 lint.limits.writes: is computed; settings are read and never run, so write it out",
    "7 lent: is no setting: did you mean lint?",
    "3 lint.rules.missing-unt: is no setting: did you mean missing-unit?",
    "3 lint.rules.set-twice: expected true or false",
    "4 lint.limits.lineage: expected a whole number from 1",
    "5 lint.folders: expected a list of folders",
  ]);
});
