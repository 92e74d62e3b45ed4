/** The pages of `docs/` as data: their files, their commands with what they print, their links. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { repository } from "./project.ts";

/** A block of code between two fences. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** One page. */
export interface Page {
  /** File name in `docs/`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const fenced = /^```(\w*)\n([\s\S]*?)^```$/gmu;

/** All pages, by name. */
export function readPages(): readonly Page[] {
  const folder = join(repository, "docs");
  const names = readdirSync(folder).filter((name) => name.endsWith(".md"));
  return names.map((name) => {
    const path = join(folder, name);
    const text = readFileSync(path, "utf8");
    const blocks = [...text.matchAll(fenced)].map(([, language = "", body = ""]) => ({
      language,
      text: body,
    }));
    return { name, path, text, blocks };
  });
}

/** Files that a page shows: blocks whose first line is `// file: path` or `# file: path`. */
export function filesOf(page: Page): ReadonlyMap<string, string> {
  const shown = page.blocks.flatMap(({ text }) => {
    const path = /^(?:\/\/|#) file: (\S+)\n/u.exec(text)?.[1];
    return path === undefined ? [] : [[path, text] as const];
  });
  return new Map(shown);
}

/** Makes the project in which a page's commands are tried: the experiments of the repository, and the page's files. */
export function createPageProject(page: Page, directory: string): void {
  mkdirSync(directory, { recursive: true });
  const manifest = { name: "project", type: "module", private: true };
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest)}\n`);
  for (const name of ["experiments", "examples"]) {
    cpSync(join(repository, name), join(directory, name), { recursive: true });
  }
  symlinkSync(join(repository, "node_modules"), join(directory, "node_modules"), "dir");
  for (const [path, text] of filesOf(page)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

/** A command line as it is shown, and what it prints below. */
export interface ShownCommand {
  /** Without `$ `. */
  readonly line: string;
  readonly output: string;
}

/** The commands of a block of text; none where it does not begin with `$ `. */
export function commandsOf({ language, text }: Block): readonly ShownCommand[] {
  if (language !== "text" || !text.startsWith("$ ")) return [];
  return text
    .split(/^\$ /mu)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      return { line: part.slice(0, end), output: part.slice(end + 1).trimEnd() };
    });
}

/** The words of a command line as a shell splits them: single and double quotes, no escapes. */
export function shellWords(line: string): readonly string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/gu)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/gu, "$1$2"),
  );
}

/** What a shell would act upon in a command line, were it typed as it stands. */
export function shellHazards(line: string): string | undefined {
  const outside = line.replaceAll(/'[^']*'/gu, "_");
  const inside = [...outside.matchAll(/"([^"]*)"/gu)].map(([, text]) => text).join("");
  const bare = outside.replaceAll(/"[^"]*"/gu, "_");
  return /[$`\\!]/u.exec(inside)?.[0] ?? /(?:^| )~|[{}()[\]$*?&;<>!`\\"'#]/u.exec(bare)?.[0];
}
