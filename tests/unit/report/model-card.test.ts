import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { modelCard } from "../../../src/report/model-card.ts";
import { hostileNames, sampleFacts } from "./sample-facts.ts";

const headerOf = (card: string): string => card.slice(4, card.indexOf("\n---\n"));

test("the header is what Hugging Face reads: task, data set, split and figures", () => {
  const facts = sampleFacts({ labels: { name: "my model", tags: ["spam"] } });
  expect(headerOf(modelCard(facts))).toBe(`library_name: "lockstep"
pipeline_tag: "text-classification"
tags:
  - "lockstep"
  - "spam"
model-index:
  - name: "my model"
    results:
      - task:
          type: "text-classification"
        dataset:
          type: "spamAssassin"
          name: "spamAssassin"
          split: "test"
        metrics:
          - type: "accuracy"
            name: "test.accuracy"
            value: 0.30000000000000004
          - type: "f1"
            name: "test.f1"
            value: 1.0e-7`);
});

test("the card shows every figure, the classes and the confusion matrix", () => {
  const card = modelCard(sampleFacts());
  expect(card).toContain("# bert-lr\n");
  expect(card).toContain("| `validation.accuracy` | 0.95 |\n");
  expect(card).toContain("| `test.loss` | not finite |\n");
  expect(card).toContain(
    "Measured with the parameters of step 100, which were best by `validation.accuracy` (max).",
  );
  expect(card).toContain("| ham | 1 | 0.8571428571428571 | 0.9230769230769231 | 7 |\n");
  expect(card).toContain(
    "| true class ↓ predicted → | ham | spam |\n| :--- | ---: | ---: |\n| ham | 6 | 1 |\n",
  );
  expect(card).toContain("| `model.hiddenSizes` | `[4,8]` |\n");
  expect(card).toContain('| `classes[0].name` | `"ham"` |\n');
  expect(card).toContain(String.raw`| processor | ${"`"}A \| CPU, 2 cores${"`"} |`);
});

test("where the run was shown is left out, and data that the task does not name are no empty row", () => {
  const tracking = [{ kind: "mlflow", url: "http://internal.example:5000" }];
  const facts = sampleFacts();
  const card = modelCard({ ...facts, config: { ...facts.config, tracking }, dataFacts: {} });
  expect(card).not.toContain("internal.example");
  expect(card).toContain("## Data\n\nThe task names none.\n");
});

test("columns of texts are aligned to the left, columns of figures to the right", () => {
  const card = modelCard(sampleFacts());
  expect(card).toContain("| metric | value |\n| :--- | ---: |\n");
  expect(card).toContain(
    "| class | precision | recall | f1 | examples |\n| :--- | ---: | ---: | ---: | ---: |\n",
  );
  for (const head of ["path | value", "what | found", "identity | value"]) {
    expect(card).toContain(`| ${head} |\n| :--- | :--- |\n`);
  }
});

test("secrets of the config do not reach the card", () => {
  const config = {
    service: { password: "canary", port: 80 },
    url: "https://user:canary@example.com/",
    configHash: sha256("a"),
  };
  const card = modelCard(sampleFacts({ config }));
  expect(card).not.toContain("canary");
  expect(card).toContain("| `service.password` | `[redacted]` |\n| `service.port` | `80` |\n");
  expect(card).toContain(`\`"${sha256("a")}"\``);
});

test("no figure is NaN or infinite, in the header or elsewhere", () => {
  const metrics = { "test.accuracy": NaN, "test.loss": Infinity };
  const card = modelCard(sampleFacts({ metrics }));
  expect(card).not.toMatch(/NaN|Infinity|\.nan|\.inf/);
  expect(card).not.toContain("model-index");
});

test("without a test part the validation figures are the results", () => {
  const card = modelCard(sampleFacts({ metrics: { "validation.accuracy": 0.5 }, details: {} }));
  expect(headerOf(card)).toContain('split: "validation"');
  expect(card).not.toContain("Confusion matrix");
});

test("a task that reports nothing we know still gets a card", () => {
  const { selection: _selection, numParameters: _numParameters, ...facts } = sampleFacts();
  const card = modelCard({
    ...facts,
    metrics: {},
    details: { test: { classes: 3 } },
    dataFacts: {},
  });
  expect(headerOf(card)).toBe('library_name: "lockstep"\ntags:\n  - "lockstep"');
  expect(card).toContain("120 steps.");
});

test("hostile names stay inside their place", () => {
  for (const name of hostileNames) {
    const card = modelCard(
      sampleFacts({
        experiment: name,
        labels: { name, description: name, tags: [name] },
        config: { [name]: name },
        details: {
          test: {
            confusionMatrix: [[1]],
            classes: [{ label: name, precision: 1, recall: 1, f1: 1, support: 1 }],
          },
        },
        dataFacts: { kind: name },
      }),
    );
    expect(card.match(/^---$/gm)).toHaveLength(2);
    expect(card).not.toMatch(/^injected/m);
    expect(card).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028\u2029\ud800]/u);
    expect(card.match(/^#+ .*$/gm)?.slice(1)).toEqual([
      "## Results",
      "## Classes (test)",
      "### Confusion matrix (test)",
      "## Settings",
      "## Data",
      "## Where it ran",
      "## Identity",
      "## Limits",
    ]);
    const body = card.slice(card.indexOf("\n---\n") + 5).replace(/`[^`]*`/g, "");
    expect(body).not.toMatch(/(?<!\\)<script|(?<!\\)\[click|(?<!\\)!\[/);
  }
});
