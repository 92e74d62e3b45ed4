/** Which folder is checked. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkRunsFolder } from "../../../src/app/fsck.ts";
import { storeOf } from "../../../src/app/lookups/open-index.ts";
import { temporaryFolder } from "../store/helpers.ts";

test("a folder that was named and is not there is no folder where nothing is wrong", () => {
  const workingDirectory = temporaryFolder();
  const check = (runsDirectory: string | undefined): number =>
    checkRunsFolder({ runsDirectory, workingDirectory, isRepairing: false }).numRuns;
  expect(() => check("nowhere")).toThrow(`There is no folder ${join(workingDirectory, "nowhere")}`);
  expect(check(undefined)).toBe(0); // a project without runs yet
});

test("a file in the place of the folder of runs is refused by look-ups, not taken for an empty one", () => {
  const workingDirectory = temporaryFolder();
  writeFileSync(join(workingDirectory, "package.json"), "{}");
  expect(() =>
    storeOf({ runsDirectory: "package.json", workingDirectory, environment: {} }),
  ).toThrow("is a file; expected the folder of the runs");
});
