import { expect, test } from "vitest";
import {
  casesFile,
  isEqual,
  judge,
  readCase,
  readCases,
  reasons,
  type RecordedCase,
  type Verdict,
  type Version,
} from "./recorded-cases.ts";

interface Judged {
  readonly recorded: RecordedCase;
  readonly verdict: Verdict | "unexpected";
  readonly reason: string | undefined;
}

const verdicts = ["same", "superset", "stricter", "refused"] as const;

/** The reason for skipping, printed too: reporters show only that a test was skipped. */
function sayWhy(): string {
  const reason = "the recorded cases of Hydra are not beside the repository (../shared/vectors)";
  console.log(`skipped: ${reason}`);
  return reason;
}

function judgeAll(version: Version, file: string): readonly Judged[] {
  return readCases(version, file).map((recorded) => {
    const judged = judge(recorded, readCase(recorded));
    return { recorded, verdict: judged?.verdict ?? "unexpected", reason: judged?.reason?.text };
  });
}

function count(judged: readonly Judged[], verdict: string): number {
  return judged.filter((one) => one.verdict === verdict).length;
}

/** One row a rule, then the reasons with how many cases each explains. */
function table(version: Version, judged: readonly Judged[]): string {
  const rules = [...new Set(judged.map(({ recorded }) => recorded.rule))].toSorted();
  const row = (name: string, cases: readonly Judged[]): string => {
    const counts = verdicts.map((verdict) => String(count(cases, verdict)).padStart(9));
    return `${name.padEnd(18)}${String(cases.length).padStart(6)}${counts.join("")}`;
  };
  const lines = reasons.flatMap(({ verdict, text }) => {
    const number = judged.filter(({ reason }) => reason === text).length;
    return number === 0 ? [] : [`${String(number).padStart(4)} ${verdict}: ${text}`];
  });
  return [
    `Hydra ${version}`,
    `${"rule".padEnd(18)} cases${verdicts.map((verdict) => verdict.padStart(9)).join("")}`,
    ...rules.map((rule) =>
      row(
        rule,
        judged.filter(({ recorded }) => recorded.rule === rule),
      ),
    ),
    row("all", judged),
    ...lines,
  ].join("\n");
}

test.for([
  ["1.4-dev", { same: 531, superset: 4, stricter: 1, refused: 66 }],
  ["1.3.5", { same: 553, superset: 10, stricter: 1, refused: 13 }],
] as const)("each case of Hydra %s has its verdict", ([version, expected], { skip }) => {
  const file = casesFile(version);
  if (file === undefined) return skip(sayWhy());
  const judged = judgeAll(version, file);
  console.log(table(version, judged));
  expect(judged.filter(({ verdict }) => verdict === "unexpected")).toEqual([]);
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, count(judged, verdict)]));
  expect(counts).toEqual(expected);
});

test("what both versions read alike, we read alike, but for packages, quoted keys and a slip", ({
  skip,
}) => {
  const [newer, older] = [casesFile("1.4-dev"), casesFile("1.3.5")];
  if (newer === undefined || older === undefined) return skip(sayWhy());
  const known = new Map(
    readCases("1.3.5", older).map(({ rule, input, hydra }) => [`${rule} ${input}`, hydra]),
  );
  const agreed = judgeAll("1.4-dev", newer).filter(({ recorded: { functions, ...recorded } }) => {
    const before = known.get(`${recorded.rule} ${recorded.input}`);
    return functions === "std" && before !== undefined && isEqual(before, recorded.hydra);
  });
  console.log(`Both versions: ${count(agreed, "same")} of ${agreed.length} cases are the same`);
  expect(agreed).toHaveLength(535); // three of them are errors in both versions, for different reasons
  const others = agreed.filter(({ verdict }) => verdict !== "same");
  const numbers = Object.fromEntries(
    [...new Set(others.map(({ reason }) => reason))].map((text) => [
      text,
      others.filter(({ reason }) => reason === text).length,
    ]),
  );
  expect(numbers).toEqual({
    "there are no packages: the path says where a value stands": 13,
    "keys of dicts may be quoted": 3,
    "a closing bracket too many is an error; the recorded rule stops before it": 1,
  });
});

test("a difference without a named reason has no verdict", () => {
  const recorded: RecordedCase = {
    rule: "value",
    input: "a",
    functions: "std",
    hydra: { ok: "b" },
  };
  expect(judge(recorded, readCase(recorded))).toBeUndefined();
  expect(judge({ ...recorded, hydra: { error: "parse" } }, { ok: "a" })).toBeUndefined();
  expect(judge({ ...recorded, hydra: { ok: { $float: "1.0" } } }, { ok: 1 })).toBeUndefined();
  expect(judge({ ...recorded, hydra: { ok: "a" } }, readCase(recorded))).toEqual({
    verdict: "same",
  });
});
