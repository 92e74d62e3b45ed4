/** The folder of a model read back by Hugging Face's own library. */
import { expect, test } from "vitest";
import { modelCard } from "../../src/report/model-card.ts";
import { reproduce } from "../../src/report/reproduce.ts";
import { openStore } from "../../src/store/store.ts";
import { createHuggingFaceTarget } from "../../src/track/huggingface/target.ts";
import { exportRun } from "../../src/track/target.ts";
import { hostileNames, sampleFacts } from "../unit/report/sample-facts.ts";
import { temporaryFolder } from "../unit/store/helpers.ts";
import { attemptOptions, begin, runEvents } from "../unit/store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../unit/track/helpers.ts";
import { readWithPython } from "./python.ts";

interface ReadCard {
  readonly library: string;
  readonly model: string;
  readonly tags: readonly string[];
  readonly results: readonly (readonly [string, number])[];
  readonly text: string;
  readonly tensors: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
}

/** The folder of a run with a model card of this name. */
async function folderOf(name: string): Promise<string> {
  const [root, folder] = [temporaryFolder(), temporaryFolder()];
  const facts = sampleFacts({ labels: { name, tags: [name] } });
  const attempt = begin(openStore(root), attemptOptions(1, { experiment: name }));
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  const { run } = attempt.publish({ modelCard: modelCard(facts), reproduce: reproduce(facts) });
  const target = createHuggingFaceTarget({ ...viewTools, folder });
  const { shownAt = "" } = await exportRun(exportTools(), target, viewOf(root, run.directory));
  expect(shownAt.startsWith(`${folder}/`)).toBe(true);
  return shownAt;
}

test("card, figures, parameters and config are what the run has, whatever its name", async () => {
  // Half a surrogate pair is refused before there is a run.
  const names = ["Spam or not", ...hostileNames.filter((name) => !/[\ud800-\udfff]/u.test(name))];
  const folders: string[] = [];
  for (const name of names) folders.push(await folderOf(name));
  const cards = readWithPython("read_card.py", ...folders) as readonly ReadCard[];
  const { metrics } = sampleFacts();
  const figures = Object.entries(metrics)
    .filter(([metric, value]) => /^test\.[^.]+$/u.test(metric) && Number.isFinite(value))
    .map(([metric, value]) => [metric.replace("test.", ""), value]);
  expect(figures.length).toBeGreaterThan(0);
  expect(cards.map(({ model }) => model)).toEqual(names);
  expect(cards.map(({ tags }) => tags.at(-1))).toEqual(names);
  for (const { library, results, tensors, text, config } of cards) {
    expect([library, results, tensors]).toEqual(["lockstep", figures, ["weight"]]);
    expect(text.split("\n").filter((line) => line.startsWith("# "))).toHaveLength(1);
    expect(config).toMatchObject({ library_name: "lockstep", model_type: "mlp", seed: 1 });
  }
});
