import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sealAmbient } from "../../../src/random/seal.ts";

const seal = fileURLToPath(new URL("../../../src/random/seal.ts", import.meta.url));
const tsx = createRequire(import.meta.url).resolve("tsx/cjs/api");

/** Every ambient input, as a module of a project would use it; the value is how the message names it. */
const uses: Readonly<Record<string, string>> = {
  "Math.random()": "Math.random",
  "[1].map(Math.random)": "Math.random",
  "new Date()": "new Date()",
  "Date()": "Date()",
  "Date.now()": "Date.now",
  "new (class extends Date {})()": "new Date()",
  "performance.now()": "performance.now",
  "process.hrtime()": "process.hrtime",
  "process.hrtime.bigint()": "process.hrtime.bigint",
  "process.env.HOME": "process.env.HOME",
  "'HOME' in process.env": "process.env.HOME",
  "({ ...process.env })": "process.env",
  "Object.keys(process.env)": "process.env",
  "crypto.randomUUID()": "crypto.randomUUID",
  "crypto.getRandomValues(new Uint8Array(1))": "crypto.getRandomValues",
  "nodeCrypto.randomUUID()": "crypto.randomUUID",
  "nodeCrypto.randomBytes(1)": "crypto.randomBytes",
  "nodeCrypto.randomInt(5)": "crypto.randomInt",
  "nodeCrypto.webcrypto.randomUUID()": "crypto.randomUUID",
  "randomBytes(1)": "crypto.randomBytes",
  "os.hostname()": "os.hostname",
  "cpus().length": "os.cpus",
  "[os].map((it) => it.totalmem())": "os.totalmem",
  "process.pid": "process.pid",
  "process.ppid": "process.ppid",
  "({ ...process }).pid": "process.version",
  "process.platform": "process.platform",
  "process.argv.length": "process.argv",
  "process.cwd()": "process.cwd",
  "process.uptime()": "process.uptime",
  "process.memoryUsage().rss": "process.memoryUsage",
  "process.memoryUsage.rss()": "process.memoryUsage.rss",
  "performance.timeOrigin": "performance.timeOrigin",
  "execSync('true')": "child_process.execSync",
  "childProcess.spawnSync('true')": "child_process.spawnSync",
  "fetch('http://127.0.0.1:9')": "fetch",
  "fs.opendirSync('.')": "fs.opendirSync",
};

const harmless = [
  "new Date(0).toISOString()",
  "new Date(2020, 1)",
  "Date.UTC(2020, 1)",
  "Date.parse('2020-01-01')",
  "new Date(0) instanceof Date",
  "Math.floor(1.5)",
  "nodeCrypto.createHash('sha256').update('').digest('hex')",
  "process.hrtime.name",
  "console.error('')",
  "os.EOL",
  "resolve('data')",
  "fs.readFileSync(__filename, 'utf8').length",
  "process.exitCode",
];

const imports = [
  'import nodeCrypto, { randomBytes } from "node:crypto";',
  'import os, { cpus } from "node:os";',
  'import fs, { readdirSync } from "node:fs";',
  'import childProcess, { execSync } from "node:child_process";',
  'import { resolve } from "node:path";',
].join(" ");

interface Outcome {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly value?: unknown;
}

/** A project in a folder whose name needs care, with a package, a module for each use, and the outcomes of all. */
let project = "";
let outcomes: Readonly<Record<string, Outcome>> = {};

beforeAll(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), "lockstep ä ")));
  const files: Record<string, string> = {
    "node_modules/pkg/package.json": '{ "name": "pkg", "main": "index.js" }',
    "node_modules/pkg/index.js":
      "exports.draw = () => [Math.random(), Date.now(), process.env.PATH, new Date(), Date()].map(String);\n" +
      "exports.kept = Date.now; exports.loaded = exports.draw();\n" +
      "exports.crypto = require('crypto').randomBytes(4).length;",
    "package.ts":
      'import { draw, loaded, crypto } from "pkg";\nexport default [draw(), loaded, crypto];\n',
    "kept.ts": 'import { kept } from "pkg";\nexport default () => kept();\n',
    "helper.ts": "export function now(): number {\n  return Date.now();\n}\n",
    "listed.ts": `${imports} const names = (list: readonly unknown[]) => list.map((it: any) => it.name ?? String(it));
      const folder = import.meta.dirname + "/listed";
      export default [readdirSync(folder), names(fs.readdirSync(folder, { withFileTypes: true })), names(fs.readdirSync(folder, "buffer" as any))];\n`,
    "listed/b.txt": "",
    "listed/a.txt": "",
    "listed/Z.txt": "",
    "nested/through-helper.ts": 'import { now } from "../helper.ts";\nexport default now();\n',
  };
  for (const [index, use] of [...Object.keys(uses), ...harmless].entries()) {
    files[`use-${index}.ts`] =
      `${imports} interface Unused {\n  readonly a: number;\n}\n\n\nvoid 0;\nexport default (${use}) satisfies unknown;\n`;
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
  outcomes = loadAll(Object.keys(files).filter((name) => name.endsWith(".ts")));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

/** Loads modules as the command does: TypeScript in this very thread of a Node of its own. */
function loadAll(names: readonly string[]): Record<string, Outcome> {
  const script = `
    process.setSourceMapsEnabled(true);
    require(${JSON.stringify(tsx)}).register();
    const fs = require("node:fs");
    const { readdirSync } = fs; // as a file system might list a folder
    fs.readdirSync = (...args) => readdirSync(...args).toSorted((a, b) => (String(a.name ?? a) < String(b.name ?? b) ? 1 : -1));
    const { sealAmbient } = require(${JSON.stringify(seal)});
    const globals = () => [Math.random, Date, process.env, process.hrtime, performance.now, crypto.randomUUID,
      process.pid, process.platform, process.cwd, require("node:os").cpus, fs.readdirSync, fs.promises.readdir, fetch,
      JSON.stringify(Object.getOwnPropertyDescriptor(process, "pid"))];
    const before = globals();
    const open = sealAmbient({ projectDirectory: ${JSON.stringify(project)} });
    const outcomes = {};
    const kept = [];
    for (const name of ${JSON.stringify(names)}) {
      try {
        const value = require(${JSON.stringify(project)} + "/" + name).default;
        outcomes[name] = { value: typeof value === "function" ? "function" : value };
        if (typeof value === "function") kept.push(value);
      } catch ({ name: errorName, code, message }) {
        outcomes[name] = { name: errorName, code, message };
      }
    }
    open();
    open();
    const after = globals();
    outcomes.restored = { value: after.every((value, index) => value === before[index]) };
    outcomes.keptAfter = { value: kept.every((now) => Math.abs(now() - Date.now()) < 1000) };
    const own = [Object.hasOwn(performance, "now"), Object.hasOwn(crypto, "randomUUID")];
    outcomes.own = { value: own };
    require("node:fs").writeFileSync(1, JSON.stringify(outcomes));`;
  const host = join(project, "host.cjs"); // a file, because `node -e` has other globals
  writeFileSync(host, script);
  const output = execFileSync(process.execPath, [host], { encoding: "utf8" });
  return JSON.parse(output) as Record<string, Outcome>;
}

describe("code of the project", () => {
  test.each(Object.entries(uses).map(([use, what], index) => [use, what, index] as const))(
    "may not use %s while it is evaluated",
    (_use, what, index) => {
      const outcome = outcomes[`use-${index}.ts`];
      expect(outcome).toMatchObject({ name: "ExpError", code: "module" });
      // The compiled text is one line: only the source map knows line 7.
      const [place, ...rest] = (outcome?.message ?? "").split(": ");
      expect(place).toMatch(new RegExp(`^use-${index}\\.ts:7:\\d+$`));
      expect(rest.join(": ")).toBe(`${what} was used while the module is evaluated.`);
    },
  );

  test.each(harmless.map((use, index) => [use, index + Object.keys(uses).length] as const))(
    "may use %s",
    (_use, index) => {
      expect(outcomes[`use-${index}.ts`]).not.toHaveProperty("message");
    },
  );

  test("is named where the call stands, not where the module that asked for it does", () => {
    expect(outcomes["nested/through-helper.ts"]?.message).toBe(
      "helper.ts:2:15: Date.now was used while the module is evaluated.",
    );
  });
});

test("packages get the real thing, on import and when the project calls them", () => {
  const [drawn, loaded, numBytes] = (outcomes["package.ts"] ?? {}).value as [
    string[],
    string[],
    number,
  ];
  for (const [random, now, path, date, text] of [drawn, loaded]) {
    expect(Number(random)).toBeLessThan(1);
    expect(Math.abs(Number(now) - Date.now())).toBeLessThan(60_000);
    expect(path).toBe(process.env["PATH"]);
    expect(date).toMatch(/\d\d:\d\d:\d\d/);
    expect(text).toMatch(/\d\d:\d\d:\d\d/);
  }
  expect(numBytes).toBe(4);
});

test("a listed folder comes in one order, whatever the file system says", () => {
  const names = ["Z.txt", "a.txt", "b.txt"];
  expect(outcomes["listed.ts"]?.value).toEqual([names, names, names]);
});

test("opened, every global is the original again, and what a package kept works", () => {
  expect(outcomes["restored"]).toEqual({ value: true });
  expect(outcomes["own"]).toEqual({ value: [false, false] });
  expect(outcomes["kept.ts"]).toEqual({ value: "function" });
  expect(outcomes["keptAfter"]).toEqual({ value: true });
});

describe("in this process", () => {
  const here = dirname(fileURLToPath(import.meta.url));

  test("only the project's own folder counts", () => {
    const open = sealAmbient({ projectDirectory: join(here, "elsewhere") });
    try {
      expect(Math.random()).toBeLessThan(1);
    } finally {
      open();
    }
  });

  test("two seals may be opened in any order", () => {
    const original = Math.random;
    const openFirst = sealAmbient({ projectDirectory: here });
    const openSecond = sealAmbient({ projectDirectory: here });
    openFirst();
    const isSealed = throws(() => Math.random());
    openSecond();
    expect(isSealed).toBe(true);
    expect(Math.random()).toBeLessThan(1);
    Math.random = original;
  });
});

function throws(body: () => unknown): boolean {
  try {
    body();
    return false;
  } catch {
    return true;
  }
}
