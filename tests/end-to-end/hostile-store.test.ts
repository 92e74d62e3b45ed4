/**
 * A store that somebody tampered with: links, names that lead out of it, broken and deep JSON, control characters. Whatever
 * looks at runs says what is wrong with which file, lists the other runs all the same, and touches nothing outside.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../src/core/hash.ts";
import { createProject, document, exp, repository, type Project } from "./project.ts";

const experiment = `import { defineTask, choice } from "lockstep";
import { z } from "zod";
const note = defineTask({
  name: "note",
  schema: z.strictObject({ a: z.number(), text: z.string().default("a") }),
  run: async ({ config, log }) => {
    log.metrics(1, { "validation.score": config.a });
    return { score: config.a };
  },
});
export default note.defineConfig({ a: choice(1, 2, 3) });
`;
const words = "TOPSECRET";
const escapes = "\u001b[31mred\u001b]0;title\u0007\u009b2J\u202e";
const nested = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

/** What a case works on: a store of its own with three runs, and a folder that is none of ours. */
interface Scene {
  /** Absolute. */
  readonly store: string;
  readonly outside: string;
  /** The run that is tampered with. */
  readonly run: string;
}

interface Case {
  readonly name: string;
  readonly change: (scene: Scene) => void;
  /** A command beside `runs` and `fsck`, with what it says. */
  readonly words: (scene: Scene) => readonly string[];
  readonly says: RegExp;
}

const inRun = ({ store, run }: Scene, name: string): string => join(store, run, name);

function linkInstead(scene: Scene, name: string): void {
  rmSync(inRun(scene, name), { recursive: true, force: true });
  symlinkSync(join(scene.outside, "secret.json"), inRun(scene, name));
}

/** Moves a folder out of the store, and leaves a link to it. */
function moveOut({ outside }: Scene, folder: string): void {
  renameSync(folder, join(outside, "moved"));
  symlinkSync(join(outside, "moved"), folder);
}

function edit(path: string, change: (fields: Record<string, unknown>) => void): void {
  const fields = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  change(fields);
  writeFileSync(path, JSON.stringify(fields));
}

const show = ({ run }: Scene): readonly string[] => ["show", run];
const checkOut = ({ run, outside }: Scene): readonly string[] => [
  "checkout",
  run,
  "--to",
  `${outside}-checkout`,
];

const cases: readonly Case[] = [
  {
    name: "the run is a link",
    change: (scene) => moveOut(scene, join(scene.store, scene.run)),
    words: checkOut,
    says: /is not a published run of this key: it is a link or a file/u,
  },
  {
    name: "the config is a link",
    change: (scene) => linkInstead(scene, "config.json"),
    words: checkOut,
    says: /A link stands where a file should: could not read .*config\.json/u,
  },
  {
    name: "the config was changed",
    change: (scene) => edit(inRun(scene, "config.json"), (fields) => (fields["a"] = "x")),
    words: ({ run }) => ["verify", run],
    says: /config\.json was changed after the run was published/u,
  },
  {
    name: "the record is a link",
    change: (scene) => linkInstead(scene, "attempt.json"),
    words: checkOut,
    says: /attempt\.json is damaged, or of another run/u,
  },
  {
    name: "the documents are a link",
    change: (scene) => linkInstead(scene, "REPRODUCE.md"),
    words: checkOut,
    says: /A link stands where a file should: could not read .*REPRODUCE\.md/u,
  },
  {
    name: "the folder of logs is a link",
    change: (scene) => moveOut(scene, inRun(scene, "logs")),
    words: checkOut,
    says: /a link or a file stands where the folder of logs\/metrics\.jsonl should/u,
  },
  {
    name: "the code is a link",
    change: (scene) => moveOut(scene, join(scene.store, ".code")),
    words: checkOut,
    says: /\.code is a link; expected a folder of the store/u,
  },
  {
    name: "attempts and cache are links",
    change: ({ store, outside }) => {
      for (const name of [".attempts", ".cache", ".annotations"]) {
        rmSync(join(store, name), { recursive: true, force: true });
        symlinkSync(outside, join(store, name));
      }
    },
    words: () => ["experiments/note.ts", "a=9"],
    says: /\.attempts is a link/u,
  },
  {
    name: "the manifest leads out of the run",
    change: (scene) =>
      edit(inRun(scene, "manifest.json"), (fields) => {
        const file = { path: "../../outside/secret.json", bytes: 1, sha256: sha256("") };
        fields["files"] = [file];
      }),
    words: checkOut,
    says: /manifest\.json cannot be used: its list of files is broken/u,
  },
  {
    name: "the record names code outside of the store",
    change: (scene) =>
      edit(inRun(scene, "attempt.json"), (fields) => {
        fields["snapshot"] = { digest: "../../../outside", lockstep: { version: "1" } };
      }),
    words: checkOut,
    says: /attempt\.json is damaged, or of another run/u,
  },
  {
    name: "JSON without end",
    change: (scene) => {
      writeFileSync(inRun(scene, "manifest.json"), `{"format":${nested}}`);
    },
    words: checkOut,
    says: /manifest\.json cannot be used: it is not a JSON object/u,
  },
  {
    name: "deep values in config and metrics",
    change: (scene) => {
      writeFileSync(inRun(scene, "config.json"), `{"a":${nested}}`);
      writeFileSync(inRun(scene, "logs/metrics.jsonl"), `{"step":1,"x":${nested}}\n`);
    },
    words: checkOut,
    says: /logs\/metrics\.jsonl has \d+ bytes, expected/u,
  },
  {
    name: "a torn manifest",
    change: (scene) => truncateSync(inRun(scene, "manifest.json"), 100),
    words: show,
    says: /No run in .* has a key that begins with/u,
  },
  {
    name: "control characters everywhere",
    change: (scene) => {
      edit(inRun(scene, "attempt.json"), (fields) => {
        fields["experiment"] = escapes;
        fields["host"] = escapes;
      });
      edit(inRun(scene, "config.json"), (fields) =>
        Object.assign(fields, { text: escapes, [escapes]: 1, tags: [escapes] }),
      );
      edit(
        inRun(scene, "results/metrics.json"),
        (fields) => (fields["metrics"] = { [escapes]: 1e-7 }),
      );
    },
    words: show,
    says: /finished/u,
  },
];

interface Outcome {
  readonly status: number;
  readonly text: string;
}

/** Executes commands in one process, as a terminal would show them. */
function batch(
  project: Project,
  commands: readonly { readonly words: readonly string[]; readonly store: string }[],
): readonly Outcome[] {
  const input = JSON.stringify(
    commands.map(({ words: given, store }) => ({
      directory: project.directory,
      words: [...given, "--runs-dir", store],
      environment: { NO_COLOR: "1" },
    })),
  );
  const script = join(repository, "tests/end-to-end/exp-batch.cjs");
  const { output, stderr } = spawnSync(process.execPath, [script], {
    cwd: project.directory,
    input,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    maxBuffer: 1 << 28,
  });
  const text = String(output[3] ?? "");
  if (text === "") throw new Error(`the commands did not come to an end: ${String(stderr)}`);
  return JSON.parse(text) as readonly Outcome[];
}

/** Names and bytes of everything below a folder. */
function contentOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isFile() ? `${path} ${sha256(readFileSync(path))}` : path;
    })
    .toSorted();
}

test("whoever looks at a store that was tampered with is told, and nothing outside of it is touched", async () => {
  const project = createProject({ "experiments/note.ts": experiment });
  symlinkSync(join(repository, "node_modules/zod"), join(project.directory, "node_modules/zod"));
  const { runs } = document(await exp(project, ["experiments/note.ts", "--json"]));
  const [run = "", ...others] = runs.map(({ runKey }) => runKey.slice(0, 16));
  const scenes = cases.map((one, index): Scene => {
    const scene = {
      run,
      store: join(project.directory, `runs-${index}`),
      outside: join(project.directory, `outside-${index}`),
    };
    cpSync(join(project.directory, "runs"), scene.store, { recursive: true });
    mkdirSync(scene.outside);
    writeFileSync(join(scene.outside, "secret.json"), JSON.stringify({ [words]: words }));
    one.change(scene);
    return scene;
  });
  const before = scenes.map(({ outside }) => contentOf(outside));
  const outcomes = batch(
    project,
    cases.flatMap((one, index) => {
      const scene = scenes[index] as Scene; // one for each case
      const { store } = scene;
      const repair = ["fsck", "--repair"];
      return [["runs"], ["index", "check"], one.words(scene), ["fsck"], repair, ["runs"]].map(
        (given) => ({ words: given, store }),
      );
    }),
  );
  cases.forEach(({ name, says }, index) => {
    const [listed, , asked, checked, , after] = outcomes.slice(index * 6, index * 6 + 6);
    const text = outcomes.slice(index * 6, index * 6 + 6).map((one) => one.text);
    const statuses = outcomes.slice(index * 6, index * 6 + 6).map(({ status }) => status);
    expect(statuses, `${name}: ${text.join("")}`).not.toContain(70);
    for (const list of [listed, after]) {
      expect(list?.status, name).toBe(0);
      for (const other of others) expect(list?.text, name).toContain(other);
    }
    expect(asked?.text, name).toMatch(says);
    expect(checked?.status, `${name}: ${checked?.text}`).toBe(1);
    expect(text.join(""), name).not.toContain(words);
    expect(text.join(""), name).not.toMatch(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/u,
    );
  });
  expect(scenes.map(({ outside }) => contentOf(outside))).toEqual(before);
});
