/** `exp parse VALUE`: how the command line reads a value, or where it is wrong. Runs nothing. */
import { readError, readText, type ReadRequest } from "../../app/read-text.ts";
import { isExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable } from "../terminal.ts";

/** `exp parse`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<value>", "a value such as 'range(1,4)', or - for one a line of standard input")
      .option("--override", "read a whole argument: path=value, ~path, zip(…)")
      .addHelpText("after", help);
  },
  run: parseCommand,
};

const help = `
With --json, and for each line of standard input, one JSON document: {"$float":"1.0"}, {"$quoted":"a","quote":"single"},
{"$dict":[[key,value],…]}, {"$choice":[…]}, {"$range":[start,stop,step]}, {"$interval":[…]}, {"$glob":{…}},
{"$override":{…}}; anything else is JSON as it is. Write -- before a value that begins with a minus and is no number.`;

async function parseCommand(invocation: Invocation, session: Session): Promise<number> {
  const [value = ""] = invocation.operands;
  const isArgument = invocation.options["override"] === true;
  if (value === "-") return parseLines(isArgument, session);
  const { tagged, lines } = readText(value, {
    isArgument,
    name: isArgument ? "override" : "value",
  });
  if (invocation.json) session.stdout.write(jsonLine(tagged));
  else for (const line of lines) session.stdout.write(`${printable(line)}\n`);
  return exitStatus.done;
}

/** Answers every line, also behind one that is wrong. */
async function parseLines(isArgument: boolean, session: Session): Promise<number> {
  let status: number = exitStatus.done;
  let number = 0;
  for await (const line of linesOf(process.stdin)) {
    const answer = answerTo(line, { isArgument, name: `line ${++number}` });
    if (answer.isWrong) status = exitStatus.wrongInput;
    session.stdout.write(jsonLine(answer.document));
  }
  return status;
}

function answerTo(
  line: string,
  request: ReadRequest,
): { readonly document: JsonValue; readonly isWrong: boolean } {
  try {
    return { document: readText(line, request).tagged, isWrong: false };
  } catch (error) {
    if (!isExpError(error)) throw error;
    return { document: { error: readError(error) }, isWrong: true };
  }
}

/** Lines end with a line feed alone, since every other character may stand in a value. */
async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  for await (const chunk of stream) {
    const [first = "", ...rest] = decoder.decode(chunk, { stream: true }).split("\n");
    pieces.push(first);
    for (const next of rest) {
      yield pieces.join("");
      pieces = [next];
    }
  }
  const last = pieces.join("") + decoder.decode();
  if (last !== "") yield last;
}
