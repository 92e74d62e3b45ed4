/** The parser of sources, loaded when something is asked that only the source can tell. */
import type * as oxc from "oxc-parser";
import { noFieldDocs, readFieldDocs, type FieldDocs, type ModuleText } from "./field-docs.ts";

/** The parser, or `undefined` on a machine that has no binding for it. */
export async function loadParser(): Promise<Pick<typeof oxc, "parseSync"> | undefined> {
  try {
    return await import("oxc-parser");
  } catch {
    return undefined;
  }
}

/** The docs in some modules; none where the parser cannot run. */
export async function loadFieldDocs(modules: readonly ModuleText[]): Promise<FieldDocs> {
  const parser = await loadParser();
  return parser === undefined ? noFieldDocs : readFieldDocs(parser, modules);
}
