/** A run as exporters see it. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore } from "../../../src/store/store.ts";
import { readRunView, type RunView } from "../../../src/track/run-view.ts";
import { temporaryFolder } from "../store/helpers.ts";
import { attemptOptions, begin, publishRun, runEvents } from "../store/sample-run.ts";

const tools = { files: createFileSystem(), here: currentProcess(), now: () => new Date() };

function viewOf(store: string, directory: string): RunView {
  const view = readRunView(tools, { store, directory });
  if (typeof view === "string") throw new Error(view);
  return view;
}

test("a finished run with its identities, its times and its figures", () => {
  const root = temporaryFolder();
  const store = openStore(root);
  const { identities } = attemptOptions();
  const directory = publishRun(store);
  store.annotate({
    runKey: identities.runKey,
    kind: "tag",
    facts: { add: ["paper", "old"], remove: [] },
  });
  store.annotate({ runKey: identities.runKey, kind: "tag", facts: { add: [], remove: ["old"] } });
  const view = viewOf(root, directory);
  expect(view).toMatchObject({ status: "finished", title: "bert-lr", tags: ["paper"] });
  expect(view.name).toBe(identities.runKey.slice(0, 16));
  expect(view.identities).toMatchObject({ ...identities, traceDigest: expect.any(String) });
  expect([...view.values]).toEqual([
    ["model.kind", "mlp"],
    ["seed", 1],
  ]);
  expect(view.results?.metrics).toEqual({ "validation.accuracy": 0.5, "test.accuracy": 0.1 + 0.2 });
  expect(view.endedMs).toBeGreaterThanOrEqual(view.startedMs ?? Infinity);
});

test("an attempt at work, and one that failed", () => {
  const root = temporaryFolder();
  const options = attemptOptions(1, {
    config: {
      seed: 1,
      name: "My run",
      tags: ["a"],
      selection: { metric: "loss", direction: "min" },
    },
    environment: {
      facts: { git: { commit: "abc", isDirty: true } },
      uncommittedDiff: new Uint8Array(),
    },
  });
  const attempt = begin(openStore(root), options);
  for (const event of runEvents().slice(0, 6)) attempt.record(event);
  const running = viewOf(root, attempt.directory);
  expect(running).toMatchObject({ status: "running", title: "My run", tags: ["a"] });
  expect(running.identities).toEqual(options.identities);
  expect(running.git).toMatchObject({ commit: "abc", isDirty: true });
  expect(running.selection).toEqual({ metric: "loss", direction: "min" });
  expect([running.results, running.endedMs]).toEqual([undefined, undefined]);
  attempt.fail(new Error("Out of luck.\nand more"));
  const failed = viewOf(root, attempt.directory);
  expect(failed).toMatchObject({ status: "failed", reason: "Out of luck." });
});

test("secrets are masked, and lists are their JSON", () => {
  const root = temporaryFolder();
  const config = {
    service: { apiKey: "hunter2hunter2", url: "https://me:word@host/x" },
    layers: [16, 8],
    "a b": null,
  };
  const directory = begin(openStore(root), attemptOptions(1, { config })).directory;
  const view = viewOf(root, directory);
  expect(JSON.stringify(view.config)).not.toMatch(/hunter2|word@/);
  expect(view.values.get("layers")).toBe("[16,8]");
  expect(view.values.get('["a b"]')).toBeNull();
});

test("what is no run is told in a sentence", () => {
  const root = temporaryFolder();
  const directory = publishRun(openStore(root));
  expect(readRunView(tools, { store: root, directory: join(root, "none") })).toContain("no folder");
  const manifest = join(directory, "manifest.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").slice(0, 50));
  expect(readRunView(tools, { store: root, directory })).toContain("manifest.json cannot be used");
  rmSync(manifest);
  rmSync(join(directory, "attempt.json"));
  expect(readRunView(tools, { store: root, directory })).toContain("attempt.json");
});
