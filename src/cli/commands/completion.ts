/** `exp completion bash|zsh|fish`: the script that makes the shell's Tab key know `exp`. */
import { Argument } from "commander";
import { ExpError } from "../../core/errors.ts";
import type { Command, Invocation } from "../command.ts";
import { completionScript, shells } from "../completion-scripts.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";

const setup = `
To turn it on:
  bash   eval "$(exp completion bash)"                            in ~/.bashrc
  zsh    eval "$(exp completion zsh)"                             in ~/.zshrc, after compinit
  fish   exp completion fish > ~/.config/fish/completions/exp.fish

Tab then completes commands, flags, experiments, plans, paths, values, presets, short names and runs. It knows the
command by its name exp: put node_modules/.bin onto PATH, or write a function, which is slower:
  bash, zsh   exp() { npx exp "$@"; }
  fish        function exp; npx exp $argv; end
What the shell would act on, such as brackets and ~, is typed behind an opening quote.`;

/** `exp completion`. */
export const command: Command = {
  describe(parser) {
    const shell = new Argument("<shell>", "bash, zsh or fish");
    parser.addArgument(shell.choices(shells).argParser((text) => text)).addHelpText("after", setup);
  },
  run: completionCommand,
};

function completionCommand({ operands }: Invocation, session: Session): Promise<number> {
  const [name = ""] = operands;
  const shell = shells.find((one) => one === name);
  if (shell === undefined) {
    throw new ExpError(
      "usage",
      `exp completion: ${JSON.stringify(name)} is no shell that it knows.`,
      {
        hint: `There are ${shells.join(", ")}.`,
      },
    );
  }
  session.stdout.write(completionScript(shell));
  return Promise.resolve(exitStatus.done);
}
