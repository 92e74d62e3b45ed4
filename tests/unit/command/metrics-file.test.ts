/** A file of figures that somebody treats as his own: no row is lost without a word. */
import {
  appendFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { followFile } from "../../../src/command/metrics-file.ts";

interface Followed {
  readonly path: string;
  readonly text: () => string;
  readonly close: () => string;
}

function follow(): Followed {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-figures-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "figures.jsonl");
  let text = "";
  let failure = "";
  const file = followFile(path, {
    onBytes: (bytes) => (text += Buffer.from(bytes).toString("utf8")),
    onFailure: (error) => (failure = String(error)),
  });
  onTestFinished(() => file.close());
  const close = (): string => {
    file.close();
    return failure;
  };
  return { path, text: () => text, close };
}

/** A first row that has been read. */
async function followRow(): Promise<Followed> {
  const followed = follow();
  appendFileSync(followed.path, "first\n");
  await vi.waitFor(() => expect(followed.text()).toBe("first\n"), 5_000);
  return followed;
}

test("rows come in their order, also the last one, and the file is gone at the end", async () => {
  const { path, text, close } = await followRow();
  appendFileSync(path, "second\n");
  expect(close()).toBe("");
  expect(text()).toBe("first\nsecond\n");
  expect(() => truncateSync(path)).toThrow("ENOENT");
});

test("a program that begins with a file of its own, before its first row, is followed there", () => {
  const { path, text, close } = follow();
  rmSync(path);
  writeFileSync(path, "other\n");
  expect(close()).toBe("");
  expect(text()).toBe("other\n");
});

test("a program that makes no file at all has no figures", () => {
  const { path, close } = follow();
  rmSync(path);
  expect(close()).toBe("");
});

test.each<[string, (path: string) => void, string]>([
  ["emptied", (path) => truncateSync(path), "was emptied after 6 bytes"],
  ["removed", (path) => rmSync(path), "was removed after 6 bytes"],
  ["rewritten, longer", (path) => writeFileSync(path, "another row\n"), "was written anew"],
  [
    "replaced",
    (path) => {
      writeFileSync(`${path}.new`, "first\nsecond\n");
      renameSync(`${path}.new`, path);
    },
    "was replaced after 6 bytes",
  ],
])(
  "a file that is %s after its first row was read is a failure",
  async (_name, change, message) => {
    const { path, close } = await followRow();
    change(path);
    const failure = close();
    expect(failure).toContain(message);
    expect(failure).toContain("rows may be lost");
  },
);

test("a row that nobody had read yet is missed as well where its file is removed", () => {
  const { path, close } = follow();
  appendFileSync(path, "first\n");
  rmSync(path);
  writeFileSync(path, "second\n");
  expect(close()).toContain("was replaced after 6 bytes");
});
