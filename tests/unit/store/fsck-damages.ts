/** Each kind of damage that a check of a store tells. */
import {
  appendFileSync,
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
import { age, attempt2, onlyIn, runName, type Sample } from "./fsck-sample.ts";
import { sampleCodeHash as codeHash } from "./sample-run.ts";

/** What is damaged, what is said about it, and where the damaged thing is looked for after the repair. */
export const damages: readonly {
  readonly name: string;
  readonly code: string;
  readonly damage: (sample: Sample) => void;
  readonly isLeft?: boolean;
}[] = [
  {
    name: "a flipped byte in a result",
    code: "damaged-run",
    damage: ({ at }) => {
      const path = at(`${runName}/results/metrics.json`);
      writeFileSync(path, readFileSync(path, "utf8").replace("0.5", "0.9"));
    },
  },
  {
    name: "a truncated checkpoint of a run",
    code: "damaged-run",
    damage: ({ at }) => {
      truncateSync(at(`${runName}/checkpoints/best.safetensors`), 40);
    },
  },
  {
    name: "a result that was added",
    code: "damaged-run",
    damage: ({ at }) => {
      writeFileSync(at(`${runName}/results/better.json`), "{}");
    },
  },
  {
    name: "a manifest that is gone",
    code: "damaged-run",
    damage: ({ at }) => {
      rmSync(at(`${runName}/manifest.json`));
    },
  },
  {
    name: "a run under another name",
    code: "damaged-run",
    damage: ({ at }) => {
      renameSync(at(runName), at("0123456789abcdef"));
    },
  },
  {
    name: "a changed config beside whole results",
    code: "damaged-file",
    isLeft: true,
    damage: ({ at }) => {
      writeFileSync(at(`${runName}/config.json`), '{"seed":2}');
    },
  },
  {
    name: "a run's folder that is a link",
    code: "damaged-run",
    damage: ({ folder, at }) => {
      renameSync(at(runName), join(folder, "elsewhere.txt"));
      symlinkSync("elsewhere.txt", at(runName));
    },
  },
  {
    name: "results behind a link",
    code: "damaged-run",
    damage: ({ at }) => {
      renameSync(at(`${runName}/results`), at(`${runName}/other`));
      symlinkSync("other", at(`${runName}/results`));
    },
  },
  {
    name: "a link out of a run",
    code: "planted",
    damage: ({ at }) => {
      symlinkSync("/etc/passwd", at(`${runName}/logs/passwd`));
    },
  },
  {
    name: "code that is cut off",
    code: "damaged-code",
    damage: ({ at }) => {
      truncateSync(at(`.code/${codeHash}/files.json`), 3);
    },
  },
  {
    name: "a changed source",
    code: "damaged-code",
    damage: ({ at }) => {
      writeFileSync(join(onlyIn(at(`.code/${codeHash}/sources`)), "a.ts"), "b");
    },
  },
  {
    name: "a changed snapshot",
    code: "damaged-code",
    damage: ({ at }) => {
      const folder = at(`.code/${codeHash}/snapshots`);
      const name = readdirSync(folder).find((one) => !one.endsWith(".pack")) ?? "";
      writeFileSync(join(folder, name, "tree/src/a.ts"), "b");
    },
  },
  {
    name: "a changed pack of a snapshot",
    code: "damaged-code",
    damage: ({ at }) => {
      const folder = at(`.code/${codeHash}/snapshots`);
      const name = readdirSync(folder).find((one) => one.endsWith(".pack")) ?? "";
      const bytes = readFileSync(join(folder, name));
      bytes.write("b", bytes.length - 1);
      writeFileSync(join(folder, name), bytes);
    },
  },
  {
    name: "a changed diff",
    code: "damaged-code",
    damage: ({ at }) => {
      appendFileSync(onlyIn(at(`.code/${codeHash}/uncommitted`)), "x");
    },
  },
  {
    name: "code that is gone",
    code: "missing-code",
    isLeft: true,
    damage: ({ at }) => {
      rmSync(at(`.code/${codeHash}`), { recursive: true });
    },
  },
  {
    name: "a changed list of data",
    code: "damaged-data-list",
    damage: ({ at }) => {
      appendFileSync(onlyIn(at(".data")), " ");
    },
  },
  {
    name: "an annotation that is cut off",
    code: "damaged-annotation",
    damage: ({ at }) => {
      truncateSync(onlyIn(at(`.annotations/${runName}`)), 20);
    },
  },
  {
    name: "a note of what was exported that is cut off",
    code: "damaged-cursor",
    damage: ({ at }) => {
      mkdirSync(at(`.annotations/${runName}/exports`));
      writeFileSync(at(`.annotations/${runName}/exports/csv-000000000000.json`), "{");
    },
  },
  {
    name: "a damaged checkpoint of an attempt",
    code: "damaged-checkpoint",
    damage: ({ at }) => {
      truncateSync(at(`${attempt2}/checkpoints/best.safetensors`), 40);
    },
  },
  {
    name: "an attempt that is nobody's and has nothing",
    code: "damaged-attempt",
    damage: ({ at }) => {
      rmSync(at(`${attempt2}/checkpoints`), { recursive: true });
      writeFileSync(at(`${attempt2}/attempt.json`), "");
      age(at(attempt2));
    },
  },
  {
    name: "a claim that was not finished",
    code: "leftover",
    damage: ({ at }) => {
      mkdirSync(at(".attempts/.new-1/logs"), { recursive: true });
      age(at(".attempts/.new-1"));
    },
  },
  {
    name: "half-stored code",
    code: "leftover",
    damage: ({ at }) => {
      mkdirSync(at(".code/.new-1"));
      writeFileSync(at(".code/.new-1/bundle.js"), "b");
      age(at(".code/.new-1"));
    },
  },
  {
    name: "attempts behind a link",
    code: "not-a-folder",
    damage: ({ at }) => {
      renameSync(at(".attempts"), at(".moved"));
      symlinkSync(".moved", at(".attempts"));
    },
  },
];
