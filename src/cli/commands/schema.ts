/** `exp schema [FILE]`: the config as JSON Schema. */
import { loadTask, schemaOf } from "../../app/field-facts.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { jsonLine, prettyJson } from "../show-json.ts";

/** `exp schema`. */
export const command: Command = {
  describe(parser) {
    parser.argument("[file]", "experiment whose task is described; default: the training task");
  },
  run: schemaCommand,
};

async function schemaCommand(invocation: Invocation, session: Session): Promise<number> {
  const subject = await loadTask(invocation.operands[0], session.workingDirectory);
  const schema = await schemaOf(subject);
  session.stdout.write(invocation.json ? jsonLine(schema) : `${prettyJson(schema)}\n`);
  return exitStatus.done;
}
