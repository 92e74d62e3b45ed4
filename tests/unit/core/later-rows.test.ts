/** Rows whose text is made first: what hooks are told of them, and who may say that a text is canonical. */
import { expect, onTestFinished, test } from "vitest";
import { joinedRows, rowsOfText, textsOf, type RowsEvent } from "../../../src/core/later-rows.ts";
import { forgetSecrets, registerSecret, scrubValue } from "../../../src/core/secrets.ts";

const plain: RowsEvent = { kind: "rows", numRows: 1, rows: () => [{ step: 3 }] };

function textIn(event: RowsEvent): string | undefined {
  return textsOf(event)
    ?.map((text) => text())
    .join("");
}

test("rows are those of their text, which is made once, when it is asked for", () => {
  let numMade = 0;
  const event = rowsOfText(2, () => {
    numMade++;
    return '{"batch":"a","step":1}\n{"step":2}\n';
  });
  expect([event.kind, event.numRows, numMade]).toEqual(["rows", 2, 0]);
  expect(event.rows()).toEqual([{ batch: "a", step: 1 }, { step: 2 }]);
  expect([textIn(event), numMade]).toEqual(['{"batch":"a","step":1}\n{"step":2}\n', 1]);
});

test("rows that are joined keep their order, and their text where all have one", () => {
  const [first, second] = [1, 2].map((step) => rowsOfText(1, () => `{"step":${step}}\n`));
  if (first === undefined || second === undefined) throw new Error("two were made");
  const joined = joinedRows([first, second]);
  expect([joined.numRows, textIn(joined)]).toEqual([2, '{"step":1}\n{"step":2}\n']);
  const mixed = joinedRows([first, plain, second]);
  expect([mixed.numRows, textsOf(mixed)]).toEqual([3, undefined]);
  expect(mixed.rows()).toEqual([{ step: 1 }, { step: 3 }, { step: 2 }]);
});

test("what others yield has no text, and no copy that secrets were taken out of", () => {
  expect(textsOf(plain)).toBeUndefined();
  expect(textsOf({ ...plain, text: () => "no JSON" } as RowsEvent)).toBeUndefined();
  onTestFinished(forgetSecrets);
  registerSecret("KEY", "canary-of-a-row");
  expect(textsOf(scrubValue(rowsOfText(0, () => "")))).toBeUndefined();
});
