/** `exp schema [FILE]`: the config as JSON Schema. */
import { loadTask, schemaOf } from "../../app/field-facts.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { prettyJson } from "../show-json.ts";
import type { Session } from "../session.ts";

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
  session.stdout.write(`${invocation.json ? canonicalJson(schema) : prettyJson(schema)}\n`);
  return exitStatus.done;
}
