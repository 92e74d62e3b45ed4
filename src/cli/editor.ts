/** A text that the user writes in an editor. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { Session } from "./session.ts";

/**
 * Opens `$VISUAL`, else `$EDITOR`, and waits for its end.
 * @param help - Lines below the text that tell what it is for; they are left out of it, as is all that begins with `#`.
 * @throws {ExpError} `usage` where no editor is set, or where it ends with an error: then nothing was written.
 */
export function editText(
  { planContext: { environment } }: Pick<Session, "planContext">,
  help: readonly string[],
): string {
  const editor = environment["VISUAL"] || environment["EDITOR"] || "";
  if (editor.trim() === "") {
    throw new ExpError("usage", "There is no text, and no editor is set to write it in.", {
      hint: "Give the text behind the run, or set EDITOR.",
    });
  }
  const folder = mkdtempSync(join(tmpdir(), "lockstep-note-"));
  const file = join(folder, "NOTE.txt");
  const ignore = (): void => undefined; // Ctrl-C is the editor's
  process.on("SIGINT", ignore);
  try {
    writeFileSync(file, `\n${help.map((line) => `# ${line}\n`).join("")}`);
    // Standard output is for results alone; the shell takes an editor apart that is several words, as Git's does.
    const options = { stdio: ["inherit", 2, 2] as ["inherit", 2, 2] };
    const { status, error } = spawnSync("sh", ["-c", `${editor} "$@"`, editor, file], options);
    if (error !== undefined || status !== 0) throw editorFailed(editor, status);
    return withoutHelp(readFileSync(file, "utf8"));
  } finally {
    process.off("SIGINT", ignore);
    rmSync(folder, { recursive: true, force: true });
  }
}

function withoutHelp(text: string): string {
  const lines = text.split("\n").filter((line) => !line.startsWith("#"));
  return lines.join("\n");
}

function editorFailed(editor: string, status: number | null): ExpError {
  const end = status === null ? "was stopped" : `ended with ${status}`;
  return new ExpError("usage", `The editor ${editor} ${end}; nothing was kept.`);
}
