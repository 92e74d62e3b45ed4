/** The Dockerfile of a run: a parser takes it without a complaint, and nothing of a record becomes an instruction. */
import { validate } from "dockerfile-utils";
import { expect, test } from "vitest";
import { dockerfile, type DockerfileFacts } from "../../../src/report/dockerfile.ts";
import { hostileNames } from "./sample-facts.ts";

const facts: DockerfileFacts = {
  run: "0123abcd",
  experiment: "line",
  environmentClass: "wasm/2",
  node: "20.20.2",
  project: ".",
  lockFile: "package-lock.json",
  packages: [
    { name: "zod", version: "4.6.7" },
    { name: "@tensorflow/tfjs-core", version: "4.22.0" },
  ],
  lockstep: null,
  variables: { TZ: "Asia/Tokyo", LOCKSTEP_THREADS: "2", CI: "true", SLURM_JOB_ID: "7" },
};

/** All instructions, comments left out. */
function instructions(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

function complaints(text: string): readonly string[] {
  return validate(text).map(({ message }) => JSON.stringify(message));
}

test("a project with a lock file gets the versions of Node.js and of all packages that the run had", () => {
  const text = dockerfile(facts);
  expect(instructions(text)).toEqual([
    "FROM node:20.20.2-bookworm-slim",
    'ENV LOCKSTEP_THREADS="2"',
    'ENV TZ="Asia/Tokyo"',
    "WORKDIR /run",
    'COPY [".", "/run/"]',
    'RUN cd "/run" && npm ci --no-audit --no-fund',
    "WORKDIR /run",
    'ENTRYPOINT ["node", "/run/node_modules/lockstep/dist/src/cli/exp.cjs"]',
    'CMD ["verify", "0123abcd", "--runs-dir", "/runs"]',
  ]);
  expect(complaints(text)).toEqual([]);
  expect(text).toContain("no image was built from it");
});

test.each<[string, Partial<DockerfileFacts>, string]>([
  [
    "pnpm in a folder of a workspace",
    { project: "a/b", lockFile: "pnpm-lock.yaml", packageManager: "pnpm@10.34.9+sha512.0a" },
    'RUN npm install --global pnpm@10.34.9\nRUN cd "/run/a/b" && pnpm install --frozen-lockfile',
  ],
  ["yarn", { lockFile: "yarn.lock" }, "corepack enable && yarn install --immutable"],
  ["bun", { lockFile: "bun.lock" }, "bun install --frozen-lockfile"],
  ["no lock file", { lockFile: "" }, "--prefix /run @tensorflow/tfjs-core@4.22.0 zod@4.6.7\n"],
  [
    "Lockstep from its sources",
    { lockstep: "tools/lockstep" },
    'ln -s "/run/tools/lockstep" /run/node_modules/lockstep',
  ],
  [
    "what Lockstep's sources need, where no lock file tells it",
    { lockstep: "tools/lockstep" },
    'RUN cd "/run/tools/lockstep" && npm install --omit=dev ',
  ],
  [
    "a run in the sources of Lockstep, with their lock file",
    { lockstep: ".", lockFile: "pnpm-lock.yaml", packageManager: "pnpm@10.34.9" },
    'RUN npm install --global pnpm@10.34.9\nRUN cd "/run" && pnpm install --frozen-lockfile\n\nWORKDIR /run\nENTRYPOINT ["node", "/run/src/cli/exp.cjs"]',
  ],
  [
    "two versions of one package",
    {
      lockFile: "",
      packages: [
        { name: "entities", version: "4.5.0" },
        { name: "entities", version: "7.0.1" },
        { name: "zod", version: "4.6.7" },
      ],
    },
    "chooses who gets which: entities@4.5.0 entities@7.0.1\nRUN npm install --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --prefix /run zod@4.6.7\n",
  ],
  [
    "a compiled backend",
    { environmentClass: "native/1/tensorflow-2.21.0-6505a4b9/amd/threads-2" },
    "exp.cjs backend install native --tensorflow 2.21.0",
  ],
  ["no version of Node.js", { node: "latest" }, "FROM node:20-bookworm-slim"],
])("%s", (_what, changes, expected) => {
  const text = dockerfile({ ...facts, ...changes });
  expect(text).toContain(expected);
  expect(complaints(text)).toEqual([]);
});

test("whatever stands in the records, the instructions are the same", () => {
  const plain = instructions(dockerfile({ ...facts, lockFile: "", packages: [], variables: {} }));
  for (const name of [
    ...hostileNames,
    'x"\nRUN id',
    "a\rRUN id",
    "a\\",
    "$(id)",
    "../..",
    "`id`",
  ]) {
    const text = dockerfile({
      ...facts,
      experiment: name,
      project: name.includes("/") || /[^\w.-]/u.test(name) ? name : ".",
      packages: [
        { name: `${name} x`, version: "1.0.0" },
        { name: "zod", version: name },
      ],
      lockFile: name,
      packageManager: name,
      variables: { TZ: `${name} "`, [name]: "1" },
    });
    expect(instructions(text), JSON.stringify(name)).toEqual(plain);
    expect(complaints(text)).toEqual([]);
  }
});
