/** What a machine may lack, and what may go wrong in the threads of a run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, publishedRuns, tinyProject } from "../end-to-end/project.ts";

/** A module that each process of the command line loads first. */
const refuseSharedMemory = `const { Memory } = WebAssembly;
WebAssembly.Memory = class extends Memory {
  constructor(limits) {
    if (limits.shared) throw new TypeError("shared memory is not enabled");
    super(limits);
  }
};
`;

/** A module that makes the threads of the backend do something else when they start. */
const instead = (change: string): string => `const threads = require("node:worker_threads");
threads.Worker = class extends threads.Worker {
  constructor(source, options) {
    const isOurs = /^thread /u.test(options?.name ?? "");
    super(isOurs ? source.replace("exports.help(control)", ${JSON.stringify(change)}) : source, options);
  }
};
require("node:module").syncBuiltinESMExports();
`;

test("where threads cannot share memory one computes the same bits, and the run says so", async () => {
  const args = ["experiments/tiny.ts", "--json", "--threads", "2"];
  const [usual, alone] = [
    createProject(tinyProject),
    createProject({ ...tinyProject, "own-memory.cjs": refuseSharedMemory }),
  ];
  const environment = { NODE_OPTIONS: `--require ${join(alone.directory, "own-memory.cjs")}` };
  const first = await exp(usual, args);
  const second = await exp(alone, args, { environment });
  expect([first.status, second.status]).toEqual([0, 0]);
  expect(document(second)).toEqual(document(first));
  expect(second.stderr).toContain("computes with one thread, which is slower and gives the same");
  const directory = join(alone.directory, document(second).runs[0]?.directory ?? "");
  const recorded: unknown = JSON.parse(readFileSync(join(directory, "environment.json"), "utf8"));
  expect(recorded).toMatchObject({ backend: { threads: 1 } });
  const manifests = [usual, alone].map((project) => {
    const [run = ""] = publishedRuns(project);
    return readFileSync(join(project.directory, "runs", run, "manifest.json"), "utf8");
  });
  expect(manifests[1]).toBe(manifests[0]); // weights, trace and logs
});

test.each([
  ["is killed", "process.exit(7)", "has ended"],
  ["throws", 'throw new Error("no such page")', "Error: no such page"],
])("a thread that %s ends the run with the name of a kernel", async (_what, change, why) => {
  const project = createProject({ ...tinyProject, "change.cjs": instead(change) });
  const args = ["experiments/tiny.ts", "training.numEpochs=400", "--threads", "3"];
  const environment = { NODE_OPTIONS: `--require ${join(project.directory, "change.cjs")}` };
  const failed = await exp(project, args, { environment });
  expect(failed.stderr).toMatch(/The kernel \w+ of the backend wasm failed: thread \d of 3/u);
  expect(failed.stderr).toContain(why);
  expect(failed.stderr).toContain("threads=1 computes the same bits");
  expect(failed.status).toBe(1);
  expect(publishedRuns(project)).toEqual([]);
});

/**
 * A module that does something at step 20 of a run, before the sums of squares of its gradients.
 * @param action - Statements that know `words`, the command in shared memory, and `ours`, the threads of the backend.
 */
const atStep20 = (action: string): string => `const threads = require("node:worker_threads");
const ours = [];
threads.Worker = class extends threads.Worker {
  constructor(source, options) {
    super(source, options);
    if (/^thread /u.test(options?.name ?? "")) ours.push(this);
  }
};
require("node:module").syncBuiltinESMExports();
const { Instance } = WebAssembly;
let numCalls = 0;
WebAssembly.Instance = function (module, imports) {
  const { exports } = new Instance(module, imports);
  if (exports.runAlone === undefined) return { exports };
  const watch = (slot) => {
    const words = new Int32Array(imports.env.memory.buffer, slot, 32);
    if (exports.table.get(words[0]) !== exports.squaredSums || ++numCalls !== 20) return;
    ${action}
  };
  const push = (control, number, most) => {
    watch(control + 256 + (number & 63) * 256);
    return exports.push(control, number, most);
  };
  const runAlone = (slot) => {
    watch(slot);
    exports.runAlone(slot);
  };
  return { exports: { ...exports, push, runAlone } };
};
`;
const useBadAddresses = "words.fill(-1, 4);";
const endThread = "ours.at(-1).terminate();";
const isTrap =
  /kernel squaredSums .* failed: (?:RuntimeError: memory|a thread ended in the middle|thread)/u;
/** Between two pieces nearly always; in the middle of one, half a minute passes until it counts as lost. */
const isEnded =
  /kernel \w+ .* failed: (?:thread 3 of 3 has ended|a thread did not finish its part)/u;

test.each([
  { what: "is ended", numThreads: 3, action: endThread, message: isEnded },
  { what: "traps", numThreads: 1, action: useBadAddresses, message: isTrap },
  { what: "traps", numThreads: 3, action: useBadAddresses, message: isTrap },
])(
  "one of $numThreads threads that $what in the middle of a run ends it by the name of the kernel, and nothing that comes after it",
  async ({ numThreads, action, message }) => {
    const project = createProject({ ...tinyProject, "change.cjs": atStep20(action) });
    const args = ["experiments/tiny.ts", "training.numEpochs=8", "--threads", String(numThreads)];
    const environment = { NODE_OPTIONS: `--require ${join(project.directory, "change.cjs")}` };
    const failed = await exp(project, [...args, "seed=1,2"], { environment });
    expect(failed.stderr).toMatch(message);
    expect(failed.stderr).toMatch(/seed=2 .*finished/u); // in the same process
    expect(failed.status).toBe(1);
    expect(publishedRuns(project)).toHaveLength(1);
    const again = await exp(project, [...args, "seed=1"]);
    expect([again.status, again.stderr]).toEqual([0, expect.stringContaining("finished")]);
    expect(publishedRuns(project)).toHaveLength(2);
  },
);

/** The whole process, when some of its kernels may be under way. */
const stopProcess = 'process.kill(process.pid, "SIGSTOP");';

const { platform } = process; // where /proc tells that a process is stopped

test.runIf(platform === "linux")(
  "a process that is stopped in the middle of a step and goes on later comes to the same bits",
  async () => {
    const files = { ...tinyProject, "change.cjs": atStep20(stopProcess) };
    const [usual, stopped] = [createProject(tinyProject), createProject(files)];
    const args = ["experiments/tiny.ts", "training.numEpochs=8", "--threads", "3"];
    const environment = { NODE_OPTIONS: `--require ${join(stopped.directory, "change.cjs")}` };
    const first = await exp(usual, args);
    let numStops = 0;
    const second = await exp(stopped, args, {
      environment,
      onStart: (child) => {
        const look = setInterval(() => {
          const facts = readFileSync(`/proc/${child.pid}/stat`, "utf8");
          if (!/\) T /u.test(facts)) return;
          numStops++;
          setTimeout(() => child.kill("SIGCONT"), 500);
        }, 1_000);
        child.on("exit", () => clearInterval(look));
      },
    });
    expect([first.status, second.status, numStops > 0]).toEqual([0, 0, true]);
    const manifests = [usual, stopped].map((project) => {
      const [run = ""] = publishedRuns(project);
      return readFileSync(join(project.directory, "runs", run, "manifest.json"), "utf8");
    });
    expect(manifests[1]).toBe(manifests[0]);
  },
);

test.runIf(process.arch === "x64")(
  "a processor without SIMD is refused by name, with the backend that does without",
  async () => {
    const project = createProject(tinyProject);
    const nodeArguments = ["--no-enable-sse4-1"]; // as V8 finds it on such a processor
    const refused = await exp(project, ["experiments/tiny.ts"], { nodeArguments });
    expect(refused.stderr).toContain("The backend wasm needs WebAssembly with SIMD");
    expect(refused.stderr).toContain("choose backend=cpu");
    expect(refused.status).toBe(2);
    const slow = await exp(project, ["experiments/tiny.ts", "backend=cpu"], { nodeArguments });
    expect(slow.status).toBe(0);
  },
);
