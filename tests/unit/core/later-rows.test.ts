/** Rows whose text is made first: what hooks are told of them, and who may say that a text is canonical. */
import { expect, onTestFinished, test } from "vitest";
import { rowsOfTexts, textsOf, type RowsEvent } from "../../../src/core/later-rows.ts";
import { forgetSecrets, registerSecret, scrubValue } from "../../../src/core/secrets.ts";

const plain: RowsEvent = { kind: "rows", numRows: 1, rows: () => [{ step: 3 }] };

function textIn(event: RowsEvent): string | undefined {
  return textsOf(event)
    ?.map((text) => text())
    .join("");
}

test("rows are those of their texts, each of which is made once, when it is asked for", () => {
  let numMade = 0;
  const event = rowsOfTexts(3, [
    () => {
      numMade++;
      return '{"batch":"a","step":1}\n{"step":2}\n';
    },
    () => '{"step":3}\n',
  ]);
  expect([event.kind, event.numRows, numMade]).toEqual(["rows", 3, 0]);
  expect(event.rows()).toEqual([{ batch: "a", step: 1 }, { step: 2 }, { step: 3 }]);
  expect([textIn(event), numMade]).toEqual(['{"batch":"a","step":1}\n{"step":2}\n{"step":3}\n', 1]);
});

test("what others yield has no text, and no copy that secrets were taken out of", () => {
  expect(textsOf(plain)).toBeUndefined();
  expect(textsOf({ ...plain, text: () => "no JSON" } as RowsEvent)).toBeUndefined();
  onTestFinished(forgetSecrets);
  registerSecret("KEY", "canary-of-a-row");
  expect(textsOf(scrubValue(rowsOfTexts(0, [() => ""])))).toBeUndefined();
});
