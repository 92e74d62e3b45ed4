/** `exp audit RUN`: the reproducibility checklist of a finished run. */
import { auditRun, type Audit } from "../../app/audit/audit-run.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { printable, type Style } from "../terminal.ts";

/** `exp audit`. */
export const command: Command = {
  describe: (parser) => {
    parser.argument("<run>", "8 or more digits of a finished run's key, or its folder");
  },
  run: auditCommand,
};

function auditCommand(
  invocation: Invocation,
  { workingDirectory, stdout }: Session,
): Promise<number> {
  const { operands, runsDirectory, json } = invocation;
  const [name = ""] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const audit = auditRun({ name, workingDirectory, ...folder });
  const { stored, items, isComplete } = audit;
  if (json) {
    const { runKey, name: experiment } = stored.run;
    const list = items.map((item) => ({ ...item }));
    stdout.write(
      jsonLine({ format: "lockstep/audit/1", runKey, experiment, isComplete, items: list }),
    );
  } else {
    for (const line of auditLines(audit, (style, text) => stdout.style(style, text))) {
      stdout.write(`${line}\n`);
    }
  }
  return Promise.resolve(isComplete ? exitStatus.done : exitStatus.failed);
}

const marks = {
  pass: ["green", "pass"],
  fail: ["red", "fail"],
  "not applicable": ["dim", " -- "],
} as const;

function auditLines(
  { stored, items }: Audit,
  style: (style: Style, text: string) => string,
): readonly string[] {
  const { runKey, name } = stored.run;
  const failed = items.filter(({ status }) => status === "fail").length;
  const sum = failed === 0 ? "nothing is missing" : `${failed} of ${items.length} points fail`;
  return [
    `${runKey.slice(0, 16)} ${printable(name)}: ${sum}`,
    ...items.flatMap(({ title, status, reason, mend }) => {
      const [colour, mark] = marks[status];
      return [
        `  ${style(colour, mark)}  ${printable(title)}: ${printable(reason)}`,
        ...(mend === undefined ? [] : [`        ${printable(mend)}`]),
      ];
    }),
  ];
}
