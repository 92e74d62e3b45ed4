/** `exp completion-cache PLACE [FILE]`: what completion answers from, made anew. Called by completion itself. */
import { describeForCompletion, writeCompletion } from "../../app/completion.ts";
import type { Command, Invocation } from "../command.ts";
import { commandModules, completionCommands } from "../completion-commands.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";

/** `exp completion-cache`. */
export const command: Command = {
  describe(parser) {
    parser
      .argument("<place>", "the file to write")
      .argument("[file]", "the experiment; none for what holds without one");
  },
  run: completionCacheCommand,
};

async function completionCacheCommand(invocation: Invocation, session: Session): Promise<number> {
  const [place = "", file] = invocation.operands;
  const { workingDirectory } = session;
  const commands = await completionCommands();
  const request = { file, workingDirectory, commands, commandModules: commandModules() };
  writeCompletion(place, await describeForCompletion(request));
  return exitStatus.done;
}
