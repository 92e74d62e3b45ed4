/** What the sources that read text files share: which files, in which order, decoded how. */
import { ExpError } from "../core/errors.ts";
import type { DataFile } from "../core/task.ts";
import type {
  SourceParts,
  TextExample,
  TextSourceData,
  UnlabelledData,
  UnlabelledSource,
} from "./data-source.ts";
import { readBytes } from "./read-file.ts";
import { findFile, findSourceFiles, type FileField, type SourceFile } from "./source-files.ts";
import { decodeText, type Encoding } from "./text-file.ts";

/** Locations of the parts, as in `data.files`. */
interface PartFiles {
  readonly train: string;
  readonly validation?: string | undefined;
  readonly test?: string | undefined;
}

interface TextSettings {
  readonly path?: string | undefined;
  readonly files?: PartFiles | undefined;
  readonly encoding: Encoding;
  readonly labels?: readonly string[] | undefined;
}

/** Turns the text of one file into examples; `shown` is the file's name for messages. */
type ParseText = (text: string, shown: string) => readonly TextExample[];

/** The files of a source of text files: `train`, `validation`, `test`. */
export async function listTextFiles(
  settings: TextSettings,
  projectDirectory: string,
): Promise<readonly DataFile[]> {
  const files = await findTextFiles(settings, projectDirectory);
  return files.map(({ path, name }) => ({ path, name }));
}

/**
 * The examples of a source of text files.
 * @throws {ExpError} `data` when a file is missing, is empty, or is not in the encoding that the config says.
 */
export async function readTextFiles(
  settings: TextSettings,
  projectDirectory: string,
  parse: ParseText,
): Promise<TextSourceData> {
  const parts: { -readonly [Part in keyof SourceParts<TextExample>]: readonly TextExample[] } = {
    train: [],
  };
  const texts = await readTexts(settings, projectDirectory);
  for (const { part, text, shown } of texts) parts[part] = parse(text, shown);
  const { labels } = settings;
  return { content: "text", parts, ...(labels === undefined ? {} : { labels }), facts: {} };
}

/** The text of one file. */
export interface PartText {
  readonly part: keyof PartFiles;
  readonly text: string;
  /** The file's name for messages. */
  readonly shown: string;
}

/**
 * The texts of a source, one a file, in reading order.
 * @throws {ExpError} `data` as `readTextFiles` does.
 */
export async function readTexts(
  settings: TextSettings,
  projectDirectory: string,
): Promise<readonly PartText[]> {
  const texts: PartText[] = [];
  for (const { path, name, shown } of await findTextFiles(settings, projectDirectory)) {
    const text = decodeText(await readBytes(path, shown), settings.encoding, shown);
    if (text === "") throw new ExpError("data", `${shown} is empty.`);
    texts.push({ part: name as keyof PartFiles, text, shown }); // the names given below
  }
  return texts;
}

interface UnlabelledSettings extends Pick<TextSettings, "encoding"> {
  readonly predict?: string | undefined;
}

/** Turns the text of one file into examples that may lack a label. */
type ParseUnlabelled = (text: string, shown: string) => UnlabelledTexts;
type UnlabelledTexts = Extract<UnlabelledData, { content: "text" }>["examples"];

/**
 * `data.predict` of a source of text files.
 * @param parserOf - The parser of a config.
 */
export function unlabelledTexts<Config extends UnlabelledSettings>(
  parserOf: (config: Config) => ParseUnlabelled,
): UnlabelledSource<Config> {
  return {
    listFiles: async ({ predict }, projectDirectory) =>
      predict === undefined
        ? undefined
        : [
            await findFile(
              { field: "data.predict", name: "predict", location: predict },
              projectDirectory,
            ),
          ],
    async read({ config, projectDirectory }) {
      const location = config.predict ?? "";
      const field = { field: "data.predict", name: "predict", location };
      const { path, shown } = await findFile(field, projectDirectory);
      const text = decodeText(await readBytes(path, shown), config.encoding, shown);
      if (text === "") throw new ExpError("data", `${shown} is empty.`);
      return { content: "text", examples: parserOf(config)(text, shown) };
    },
  };
}

function findTextFiles(
  settings: TextSettings,
  projectDirectory: string,
): Promise<readonly SourceFile[]> {
  return findSourceFiles(settings, fieldsOf, projectDirectory);
}

function fieldsOf(files: PartFiles): readonly FileField[] {
  return (["train", "validation", "test"] as const).flatMap((name) => {
    const location = files[name];
    return location === undefined ? [] : [{ field: `data.files.${name}`, name, location }];
  });
}
