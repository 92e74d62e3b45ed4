import { expect, test } from "vitest";
import { rowsOfTexts } from "../../../src/core/later-rows.ts";
import type { LogFile } from "../../../src/store/log-file.ts";
import { createRecordedRows } from "../../../src/store/recorded-rows.ts";

test("the rows before one that cannot be made are written, also where they are told together", () => {
  const lines: string[] = [];
  const log: Pick<LogFile, "append"> = { append: (text) => void lines.push(String(text)) };
  const rows = createRecordedRows({ metrics: log as LogFile, trace: log as LogFile });
  const broken = (): string => {
    throw new Error("no such tensor");
  };
  const made = [1, 2].map((step) => () => `{"step":${step}}\n`);
  rows.addLater(rowsOfTexts(3, [...made, broken]));
  expect(() => rows.flush()).toThrow("no such tensor");
  expect(lines.join("")).toBe('{"step":1}\n{"step":2}\n');
});
