import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { callingFiles } from "../../../src/config/calling-files.ts";

const root = join(import.meta.dirname, "../../..");

/** What the entry module of a project prints as JSON under tsx, its files relative to the project. */
function printedBy(files: Readonly<Record<string, string>>, entry: string): unknown {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "calling files ü ")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries({ "package.json": '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const load = 'require("tsx/cjs/api").register(); require(process.argv[1]);';
  const output = execFileSync(process.execPath, ["-e", load, join(folder, entry)], { cwd: root });
  return (JSON.parse(output.toString()) as string[]).map((file) => file.replace(`${folder}/`, ""));
}

const imported = `import { callingFiles } from ${JSON.stringify(join(root, "src/config/calling-files.ts"))};\n`;
const helper = `${imported}export const listed = (depth: number): readonly string[] => {
  const mark = () => callingFiles(mark);
  return depth > 0 ? listed(depth - 1) : [1].map(() => mark())[0]!;
};
`;

test("all files up to the module whose evaluation made the call, and none that imports it", () => {
  const files = {
    "helper.ts": helper,
    "tasks.ts": 'import { listed } from "./helper.ts";\nexport const files = listed(0);\n',
    "main.ts":
      'import { files } from "./tasks.ts";\nprocess.stdout.write(JSON.stringify(files));\n',
  };
  expect(printedBy(files, "main.ts")).toEqual(["helper.ts", "tasks.ts"]);
});

test("more frames than an error keeps are seen, and packages between are left out", () => {
  const files = {
    "node_modules/between/package.json": '{"name":"between","main":"index.js"}',
    "node_modules/between/index.js": "exports.call = (body) => body();",
    "helper.ts": helper,
    "main.ts": `import { call } from "between";
import { listed } from "./helper.ts";
process.stdout.write(JSON.stringify(call(() => listed(50))));
`,
  };
  expect(printedBy(files, "main.ts")).toEqual(["helper.ts", "main.ts"]);
});

test("a call from a package alone came through no file of the user", () => {
  const files = {
    "node_modules/alone/package.json": '{"name":"alone","main":"index.ts"}',
    "node_modules/alone/index.ts": `${imported}const mark = () => callingFiles(mark);
export const files = mark();
`,
    "main.ts": 'import { files } from "alone";\nprocess.stdout.write(JSON.stringify(files));\n',
  };
  expect(printedBy(files, "main.ts")).toEqual([]);
});

test("a call from a test came through the test's file", () => {
  const mark = (): readonly string[] => callingFiles(mark);
  expect(mark()).toEqual([import.meta.filename]);
});
