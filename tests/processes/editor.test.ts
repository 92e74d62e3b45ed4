/**
 * What an editor shows inside an experiment of a project with 200 keys and 20 presets: the keys and nothing else, plain
 * shapes, doc comments. How much the compiler has to do is counted, since a count is the same on every machine; how
 * long that takes is printed, and measured by `pnpm bench:config`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openEditor, type Editor } from "../bench/language-service.ts";
import { writeLargeProject } from "../bench/large-project-folder.ts";
import { repository } from "../end-to-end/project.ts";

let directory: string;
let editor: Editor;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lockstep-editor-"));
  await writeLargeProject(repository, directory, "types");
  editor = openEditor(directory);
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const file = "experiments/open.ts";

/** An experiment with `¦` where the cursor is. */
function experiment(body: string): string {
  return `import { append, choice, derived } from "lockstep";
import baseline from "./baseline.ts";
import { model } from "./presets/model.ts";
import { extend } from "../task.ts";

export default extend(baseline, ${body});
`;
}

/** What was offered, and how long it took. */
function complete(body: string): readonly string[] {
  const marked = experiment(body);
  editor.complete(file, marked.replace("¦", "x¦")); // the editor is warm, and one letter is typed
  const start = performance.now();
  const names = editor.complete(file, marked);
  console.log(`completion in ${(performance.now() - start).toFixed(0)} ms: ${body}`);
  return names;
}

test("the project compiles", () => {
  expect(editor.errors("experiments/experiment-1.ts")).toEqual([]);
  expect(editor.errors("experiments/presets/model.ts")).toEqual([]);
});

test("completion lists the keys of a group, of a member, and the presets: exactly", () => {
  const training = complete("{ training: { ¦ } }");
  expect(training).toHaveLength(12);
  expect(training).toContain("trainingValue4");
  const beta = complete('{ model: { kind: "beta", ¦ } }');
  expect(beta).toEqual(Array.from({ length: 10 }, (_, index) => `betaValue${index}`).toSorted());
  expect(complete('{}, model["¦"]').toSorted()).toEqual(
    ["alpha", "beta", "delta", "gamma"].map((kind) => `model-${kind}`),
  );
});

test("a completion leaves alone what a task with a written type is made of", () => {
  complete("{ training: { ¦ } }");
  const { numTypes, numInstantiations } = editor.counts();
  console.log(`${numTypes} types, ${numInstantiations} instantiations for one completion`);
  expect(numInstantiations).toBeLessThan(33_000);
});

test("completion offers words of an enumeration, also inside an axis", () => {
  const words = ["large", "medium", "small"];
  expect(complete('{ training: { trainingValue3: "¦" } }').toSorted()).toEqual(words);
  expect(complete('{ training: { trainingValue3: choice("¦") } }').toSorted()).toEqual(words);
});

test("completion knows the resolved config in a derived value", () => {
  const names = complete("{ seed: derived((c) => c.training.¦) }");
  expect(names).toHaveLength(12);
});

test("hovering shows the plain type and the doc comment of the schema", () => {
  const key = editor.hover(file, experiment("{ training: { training¦Value4: 32 } }"));
  expect(key.text).toContain("trainingValue4?: Value<number, Config>");
  expect(key.documentation).toBe("What trainingValue4 stands for.");
  const whole = editor.hover(file, experiment("{ seed: derived((¦c) => c.seed) }"));
  expect(whole.text).toBe("(parameter) c: Config");
});

test("a wrong key is refused with the right one", () => {
  editor.write(file, experiment('{ model: { kind: "alpha", alphaValeu1: 1 } }'));
  expect(editor.errors(file).join("\n")).toMatch(/Did you mean to write 'alphaValue1'\?/u);
});

test("checking all 30 experiments stays little work", () => {
  for (let index = 0; index < 29; index++) {
    expect(editor.errors(`experiments/experiment-${index}.ts`)).toEqual([]);
  }
  const { numTypes, numInstantiations } = editor.counts();
  console.log(`${numTypes} types, ${numInstantiations} instantiations`);
  expect(numTypes).toBeLessThan(15_000);
  expect(numInstantiations).toBeLessThan(150_000);
});
