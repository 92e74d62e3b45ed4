import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseArguments } from "../../src/cli/arguments.ts";
import { exp, repository, type Project } from "./project.ts";

const readme = readFileSync(join(repository, "README.md"), "utf8");
const here: Project = { directory: repository, write: () => undefined };

/** The code blocks of one language. */
function blocks(language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gmu");
  const found = [...readme.matchAll(pattern)].map((match) => match[1] ?? "");
  expect(found.length).toBeGreaterThan(0);
  return found;
}

/** Words of a command as the shell splits those of the README: quotes, no escapes. */
function words(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(
    ([, a, b, c]) => a ?? b ?? c ?? "",
  );
}

test("every make target that the README names exists", () => {
  const makefile = readFileSync(join(repository, "Makefile"), "utf8");
  const targets = [...readme.matchAll(/`make (\w+)`|^make (\w+)$/gmu)].map(
    ([, a, b]) => a ?? b ?? "",
  );
  expect(targets).toEqual(expect.arrayContaining(["train", "test", "check", "sweep", "setup"]));
  for (const target of targets) expect(makefile).toMatch(new RegExp(`^${target}:`, "mu"));
});

test("every exp command is understood, and its files exist", async () => {
  const commands = [...readme.matchAll(/pnpm (?:--silent )?exp ([^\n`|]+)/gu)].map(
    (match) => match[1] ?? "",
  );
  expect(commands.length).toBeGreaterThan(5);
  for (const command of commands) {
    if (command.startsWith("FILE")) continue; // stands for any
    const line = await parseArguments(words(command), "0");
    if (line.kind === "text") continue;
    const files = line.invocation.operands.filter((word) => /^[^=]*\.ts$/u.test(word));
    for (const file of files) expect(existsSync(join(repository, file)), command).toBe(true);
  }
});

test("the experiment that the README shows is the one in the repository", () => {
  const source = readFileSync(join(repository, "experiments/bert-lr.ts"), "utf8");
  expect(blocks("ts")).toContain(source);
});

test("what the README says of wrong input and of the plan is what exp prints", async () => {
  const shown = blocks("text").filter((block) => block.startsWith("$ pnpm exp "));
  expect(shown.length).toBeGreaterThanOrEqual(2);
  for (const block of shown) {
    const [command = "", ...output] = block.trimEnd().split("\n");
    const environment = { LOCKSTEP_RUNS: join(tmpdir(), "lockstep-no-runs") }; // not what this clone has trained
    const args = words(command.replace("$ pnpm exp ", ""));
    const { stdout, stderr } = await exp(here, args, { environment });
    // The code identity, and with it the run key, moves with every change of the code; the status with every run.
    const settled = (text: string): string =>
      text
        .replace(/^codeHash +[0-9a-f]{64}$/mu, "codeHash")
        .replace(/^( +\d+ +[\d.]+ +)[0-9a-f]{16}/gmu, "$1")
        .replace(/(planned|finished)$/gmu, "")
        .replace(/, kept in .*$/gmu, "")
        .replace(/^runs [\d, ]+: .*$/gmu, "")
        .replace(/^(Finished with the same| {2}run \d).*$/gmu, "")
        .replace(/^No run of this task is finished yet.*$/gmu, "")
        .trim();
    expect(settled(stdout + stderr)).toBe(settled(output.join("\n")));
  }
});

test("every file that the README links to exists", () => {
  const links = [...readme.matchAll(/\]\(([^)#]+)\)/gu)].map((match) => match[1] ?? "");
  expect(links.length).toBeGreaterThan(10);
  for (const link of links) expect(existsSync(join(repository, link)), link).toBe(true);
});
