/**
 * The pages of `docs/` are true: their code compiles, their commands print what they show, their links lead somewhere.
 * `PROCESS_TESTS=1 vitest run --project processes tests/processes/docs.test.ts --update` writes what is printed now into the
 * pages; read the difference.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import ts from "typescript";
import { parseArguments } from "../../src/cli/arguments.ts";
import { commands as knownCommands } from "../../src/cli/command-list.ts";
import {
  executeByShell,
  executeTogether,
  isPlain,
  isShown,
  type Printed,
} from "../end-to-end/docs-commands.ts";
import {
  commandsOf,
  createPageProject,
  filesOf,
  readPages,
  shellHazards,
  shellWords,
  type Page,
} from "../end-to-end/docs-pages.ts";
import { repository } from "../end-to-end/project.ts";

const pages = readPages();
const folder = mkdtempSync(join(tmpdir(), "lockstep-docs-"));
const directoryOf = (page: Page): string => join(folder, page.name.replace(".md", ""));

beforeAll(() => {
  for (const page of pages) createPageProject(page, directoryOf(page));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Experiments of the repository that a page may execute; trainings take too long, and not everybody has Python. */
const quick = ["experiments/pi.ts"];

/** Shown as it was printed once. */
function isTraining(line: string): boolean {
  const words = shellWords(line);
  const [first = "", second = ""] = words.slice(words.indexOf("exp") + 1);
  const file = first === "run" ? second : first;
  return existsSync(join(repository, file)) && file.endsWith(".ts") && !quick.includes(file);
}

interface PageCommand {
  readonly page: Page;
  readonly line: string;
  readonly output: string;
}

const shown: readonly PageCommand[] = pages.flatMap((page) =>
  page.blocks.flatMap((block) => commandsOf(block).map((command) => ({ page, ...command }))),
);

async function execute(): Promise<ReadonlyMap<PageCommand, Printed>> {
  const tried = shown.filter(({ line }) => !isTraining(line));
  const plain = tried.filter(({ line }) => isPlain(line));
  const piped = tried.filter(({ line }) => !isPlain(line));
  const typed = ({ page, line }: PageCommand) => ({ directory: directoryOf(page), line });
  const printed = await executeTogether(plain.map(typed));
  return new Map([
    ...plain.map((command, index) => [command, printed[index]] as const),
    ...piped.map((command) => [command, executeByShell(typed(command))] as const),
  ] as [PageCommand, Printed][]);
}

test("every command prints what the page shows", async () => {
  expect(shown.length).toBeGreaterThan(50);
  const printed = await execute();
  for (const page of pages) {
    let text = page.text;
    for (const [command, found] of printed) {
      if (command.page !== page || isShown(command.output, found.text)) continue;
      const gap = found.text.trimEnd() === "" ? "" : "\n";
      text = text.replace(
        `$ ${command.line}${command.output === "" ? "" : "\n"}${command.output}`,
        () => `$ ${command.line}${gap}${found.text.trimEnd()}`,
      );
    }
    await expect(text).toMatchFileSnapshot(page.path);
  }
});

test("every command is safe to paste into a shell, and understood where it is not executed", async () => {
  for (const { line } of shown) expect(shellHazards(line), line).toBeUndefined();
  const told = pages.flatMap(({ blocks }) =>
    blocks.flatMap(({ language, text }) => (language === "sh" ? text.trimEnd().split("\n") : [])),
  );
  expect(told.length).toBeGreaterThan(0);
  for (const line of told.filter((text) => text.startsWith("exp "))) {
    expect(shellHazards(line), line).toBeUndefined();
    const [, ...words] = shellWords(line);
    expect((await parseArguments(words, "0")).kind, line).toBe("command");
  }
});

test("every experiment and task that a page shows compiles", () => {
  const config = ts.readConfigFile(join(repository, "tsconfig.json"), (path) =>
    ts.sys.readFile(path),
  );
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, repository);
  const files = pages.flatMap((page) =>
    [...filesOf(page).keys()]
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(directoryOf(page), path)),
  );
  expect(files.length).toBeGreaterThan(10);
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const problems = files.flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return found.map(
      ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
  expect(problems).toEqual([]);
});

test("every block of TypeScript says which file it is", () => {
  const blocks = pages.flatMap(({ blocks: all }) =>
    all.filter(({ language }) => language === "ts"),
  );
  expect(blocks.filter(({ text }) => !text.startsWith("// file: "))).toEqual([]);
});

test("every link leads to a file", () => {
  const links = pages.flatMap(({ text, path }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]+)/gu)].map(([, link = ""]) =>
      join(dirname(path), link),
    ),
  );
  expect(links.length).toBeGreaterThan(pages.length);
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});

test("every command of exp is told of, and no other; the index has every page; pages are short", () => {
  const all = pages.map(({ text }) => text).join("\n");
  const names = knownCommands.flatMap(({ name, summary }) => (summary === undefined ? [] : [name]));
  const told = [...all.matchAll(/\bexp ([a-z]+)(?=[\s`]|$)/gmu)].map(([, word = ""]) => word);
  expect(names.filter((name) => !told.includes(name))).toEqual([]);
  expect(told.filter((word) => !names.includes(word))).toEqual([]);
  const index = pages.find(({ name }) => name === "README.md")?.text ?? "";
  expect(pages.filter(({ name }) => name !== "README.md" && !index.includes(`(${name})`))).toEqual(
    [],
  );
  const long = pages.filter(({ text }) => text.trimEnd().split("\n").length > 130);
  expect(long.map(({ name }) => name)).toEqual([]);
});
