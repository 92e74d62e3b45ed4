/** Completion in real shells, where they are installed: what stands on the line after Tab. */
import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { withExp } from "./completion-project.ts";
import { createProject, tinyProject, type Project } from "../end-to-end/project.ts";

const files = {
  ...tinyProject,
  "plan.json": '{\n"format": "lockstep/plan/1",\n',
  "experiments/presets/model.ts": `import { presets } from "lockstep";
export const model = presets("model", { wide: { kind: "bert", hiddenSize: 32 }, deep: { kind: "bert" } });
`,
};

const tiny = "exp experiments/tiny.ts";
/** What is typed before Tab, and the line after it, in a shell that quotes like POSIX. */
const lines = [
  ["exp compl", "exp completion "],
  ["exp run pl", "exp run plan.json "],
  ["exp inputs up", "exp inputs update "],
  [`${tiny} optimizer.learn`, `${tiny} optimizer.learningRate=`],
  [`${tiny} 'optimizer.learn`, `${tiny} 'optimizer.learningRate=`],
  [`${tiny} model=wide,`, `${tiny} model=wide,deep `],
  [`${tiny} 'model=[wide,d`, `${tiny} 'model=[wide,deep`],
  [`${tiny} '~training.maxG`, `${tiny} '~training.maxGradNorm=`],
] as const;

function isThere(shell: string): boolean {
  return spawnSync(shell, ["-c", "true"]).status === 0;
}

/** Types into a zsh behind a terminal; `^X` shows the line as it stands. */
function zshLines(project: Project, typed: readonly string[]): readonly string[] {
  const setup = `PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D
    show() { print -r -- "<<<$BUFFER>>>"; BUFFER= }; zle -N show; bindkey '^X' show
    eval "$(exp completion zsh)"; print READY`;
  const script = `zmodload zsh/zpty; zpty shell zsh -f -i
    until_seen() { local all part; while [[ $all != *$~1* ]]; do zpty -r shell part || break; all+=$part; done; print -r -- "$all" }
    zpty -w shell "$1"; until_seen READY$'\\r' > /dev/null; shift
    for line; do zpty -w -n shell "$line"$'\\t\\x18'; until_seen '>>>'; done
    zpty -d shell`;
  const args = ["-f", "-c", script, "zsh", setup, ...typed];
  const options = { cwd: project.directory, env: withExp(project), encoding: "utf8" } as const;
  const stdout = execFileSync("zsh", args, { ...options, timeout: 60_000 });
  return [...stdout.matchAll(/<<<(.*?)>>>/gu)].map(([, line = ""]) => line);
}

test.skipIf(!isThere("zsh"))("zsh completes, in quotes too", () => {
  const project = createProject(files);
  const found = zshLines(
    project,
    lines.map(([typed]) => typed),
  );
  expect(found).toEqual(lines.map(([, line]) => line));
});

test.skipIf(!isThere("fish"))("fish completes, in quotes too", () => {
  const project = createProject(files);
  const script = `exp completion fish | source
    for line in $argv; complete -C $line | string replace -r '\\t.*' ''; echo ---; end`;
  const args = ["--no-config", "-c", script, ...lines.map(([typed]) => typed)];
  const options = { cwd: project.directory, env: withExp(project), encoding: "utf8" } as const;
  const stdout = execFileSync("fish", args, { ...options, timeout: 60_000 });
  const found = stdout.split("---\n").slice(0, -1);
  const words = lines.map(([, line]) => (line.trimEnd().split(" ").at(-1) ?? "").replace("'", ""));
  expect(found.map((text) => text.trimEnd())).toEqual(words);
});
