/** Plain text as it stands in a file, for models that learn to write it. */
import {
  charactersSchema,
  type CharactersConfig,
  type CharactersInput,
} from "../../schemas/data.ts";
import { defineDataSource, type DataSource, type LanguageSourceData } from "./data-source.ts";
import { listTextFiles, readTexts } from "./text-source.ts";

/** The source `characters`. */
export const characters: DataSource<CharactersConfig, CharactersInput> = defineDataSource({
  kind: "characters",
  schema: charactersSchema,
  listFiles: listTextFiles,
  async read({ config, projectDirectory }) {
    const parts: { -readonly [Part in keyof LanguageSourceData["parts"]]: string } = { train: "" };
    for (const { part, text } of await readTexts(config, projectDirectory)) parts[part] = text;
    return { content: "language", parts, facts: {} };
  },
});
