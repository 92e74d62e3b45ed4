/** Patches, held against git itself. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { unifiedDiff } from "../../../../src/diff/edit/unified-diff.ts";

test("equal texts have no patch; a changed line stands between three others", () => {
  expect(unifiedDiff("x", "a\n", "a\n")).toBe("");
  const lines = Array.from({ length: 20 }, (_, index) => String(index));
  const text = (all: readonly string[]): string => `${all.join("\n")}\n`;
  const other = lines.with(2, "two").toSpliced(15, 1);
  expect(unifiedDiff("x.ts", text(lines), text(other))).toMatchInlineSnapshot(`
    "--- a/x.ts
    +++ b/x.ts
    @@ -1,6 +1,6 @@
     0
     1
    -2
    +two
     3
     4
     5
    @@ -13,7 +13,6 @@
     12
     13
     14
    -15
     16
     17
     18
    "
  `);
});

test("git applies every patch, and the other text comes out", () => {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-patch-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const text = fc
    .tuple(fc.array(fc.constantFrom("a", "b", "", "c d", "e"), { maxLength: 30 }), fc.boolean())
    .map(([lines, isEnded]) => lines.join("\n") + (isEnded && lines.length > 0 ? "\n" : ""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && before !== "" && after !== "");
      writeFileSync(join(folder, "x"), before);
      const patch = unifiedDiff("x", before, after);
      execFileSync("git", ["apply", "--unsafe-paths", "-"], {
        cwd: folder,
        input: patch,
        stdio: "pipe",
      });
      expect(readFileSync(join(folder, "x"), "utf8")).toBe(after);
    }),
    { numRuns: 40 },
  );
});
