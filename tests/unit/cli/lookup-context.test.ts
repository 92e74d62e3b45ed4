/** What is told while runs are looked up. */
import { expect, test } from "vitest";
import { lookupContext } from "../../../src/cli/lookup-context.ts";
import { createTerminal } from "../../../src/cli/terminal.ts";

test("what a server says reaches no terminal as it is", () => {
  const written: string[] = [];
  const stream = { isTTY: true, write: (text: string) => void written.push(text) };
  const terminal = createTerminal(stream, {});
  const planContext = { workingDirectory: "/", environment: {} };
  const session = { stdout: terminal, stderr: terminal, now: () => 0, workingDirectory: "/" };
  lookupContext({}, { ...session, planContext }).onWarning?.("MLflow: \u001b[2J no");
  expect(written).toEqual(["warning: MLflow: \\x1b[2J no\n"]);
});
