/** A run as a folder for Hugging Face. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeSafetensors } from "../../../../src/core/safetensors.ts";
import { openStore } from "../../../../src/store/store.ts";
import { createHuggingFaceTarget } from "../../../../src/track/huggingface/target.ts";
import { exportRun, type ExportOutcome } from "../../../../src/track/target.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, publishRun, runEvents } from "../../store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../helpers.ts";

function send(
  out: string,
  store: string,
  { directory, warnings = [] }: { readonly directory: string; readonly warnings?: string[] },
): Promise<ExportOutcome> {
  const target = createHuggingFaceTarget({ ...viewTools, folder: out });
  return exportRun(exportTools(warnings), target, viewOf(store, directory));
}

test("card, config, and the parameters without what only resuming needs", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const slot = { dtype: "F32", shape: [1], values: Float32Array.from([1]) } as const;
  const events = runEvents().map((event) =>
    event.kind === "checkpoint"
      ? { ...event, tensors: new Map([...event.tensors, ["optimizer/m/weight", slot] as const]) }
      : event,
  );
  const directory = publishRun(openStore(root), 1, events);
  const { shownAt = "", isComplete } = await send(out, root, { directory });
  const { runKey } = attemptOptions().identities;
  expect([shownAt, isComplete]).toEqual([join(out, `bert-lr-${runKey.slice(0, 16)}`), true]);
  expect(readdirSync(shownAt)).toEqual([
    "README.md",
    "REPRODUCE.md",
    "config.json",
    "model.safetensors",
    "results",
  ]);
  const { tensors, metadata } = decodeSafetensors(readFileSync(join(shownAt, "model.safetensors")));
  expect([[...tensors.keys()], metadata["step"], metadata["runKey"]]).toEqual([
    ["weight"],
    "3",
    runKey,
  ]);
  const config: unknown = JSON.parse(readFileSync(join(shownAt, "config.json"), "utf8"));
  expect(config).toMatchObject({ model_type: "mlp", model: { kind: "mlp" }, seed: 1 });
});

test("what somebody wrote on is left as it is and told, and what is gone comes back", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const directory = publishRun(openStore(root));
  const { shownAt = "" } = await send(out, root, { directory });
  const path = (name: string): string => join(shownAt, name);
  writeFileSync(path("README.md"), "mine");
  writeFileSync(path("config.json"), "{}");
  rmSync(path("model.safetensors"));
  for (const round of [1, 2]) {
    const warnings: string[] = [];
    const sent = await send(out, root, { directory, warnings });
    expect([round, sent.wasComplete]).toEqual([round, true]);
    expect(warnings).toEqual([expect.stringContaining("config.json: not as exp export wrote it")]);
  }
  expect(readFileSync(path("README.md"), "utf8")).toBe("mine");
  expect(readFileSync(path("config.json"), "utf8")).toBe("{}");
  expect(existsSync(path("model.safetensors"))).toBe(true);
});

test("a file that is as an earlier export wrote it is replaced by today's", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const directory = publishRun(openStore(root));
  const { shownAt = "" } = await send(out, root, { directory });
  const card = readFileSync(join(directory, "MODEL_CARD.md"), "utf8");
  writeFileSync(join(directory, "MODEL_CARD.md"), `${card}today\n`);
  await send(out, root, { directory });
  expect(readFileSync(join(shownAt, "README.md"), "utf8")).toContain("today");
});

test("a run that is not finished has no card", async () => {
  const root = temporaryFolder();
  const attempt = begin(openStore(root), attemptOptions());
  await expect(send(temporaryFolder(), root, attempt)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("is running"),
  });
});
