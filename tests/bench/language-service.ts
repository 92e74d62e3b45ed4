/** TypeScript's own language service over a project on disk: what an editor asks for. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A project as an editor has it open. */
export interface Editor {
  /** Puts a text into the editor's buffer of a file. */
  write(file: string, text: string): void;
  /** Names that are offered at the mark `¦` of a text, which is put into the file without its mark. */
  complete(file: string, marked: string): readonly string[];
  /** What hovering over the mark shows, with its documentation. */
  hover(file: string, marked: string): { readonly text: string; readonly documentation: string };
  /** Messages of all errors of a file. */
  errors(file: string): readonly string[];
  /** How much work the checker has done: the same on every machine. */
  counts(): { readonly numTypes: number; readonly numInstantiations: number };
}

/** Opens the project of a folder with a `tsconfig.json`. */
export function openEditor(directory: string): Editor {
  const buffers = new Map<string, { text: string; version: number }>();
  const parsed = readConfig(directory);
  const service = ts.createLanguageService(
    createHost(parsed, buffers),
    ts.createDocumentRegistry(),
  );
  const path = (file: string): string => join(directory, file);
  const write = (file: string, text: string): void => {
    const version = (buffers.get(path(file))?.version ?? 0) + 1;
    buffers.set(path(file), { text, version });
  };
  const place = (file: string, marked: string): number => {
    const position = marked.indexOf("¦");
    write(file, marked.replace("¦", ""));
    return position;
  };
  return {
    write,
    complete: (file, marked) => {
      const found = service.getCompletionsAtPosition(path(file), place(file, marked), {});
      return (found?.entries ?? []).map(({ name }) => name);
    },
    hover: (file, marked) => {
      const info = service.getQuickInfoAtPosition(path(file), place(file, marked));
      return {
        text: ts.displayPartsToString(info?.displayParts),
        documentation: ts.displayPartsToString(info?.documentation),
      };
    },
    errors: (file) =>
      [
        ...service.getSyntacticDiagnostics(path(file)),
        ...service.getSemanticDiagnostics(path(file)),
      ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    counts: () => {
      const program = service.getProgram();
      return {
        numTypes: program?.getTypeCount() ?? 0,
        numInstantiations: program?.getInstantiationCount() ?? 0,
      };
    },
  };
}

function readConfig(directory: string): ts.ParsedCommandLine {
  const file = join(directory, "tsconfig.json");
  const { config } = ts.readConfigFile(file, (path) => readFileSync(path, "utf8")) as {
    config: unknown;
  };
  return ts.parseJsonConfigFileContent(config, ts.sys, directory);
}

/** A project on disk and in the editor's buffers. Editors watch the disk; they do not ask it again at every key. */
function createHost(
  { options, fileNames }: ts.ParsedCommandLine,
  buffers: ReadonlyMap<string, { readonly text: string; readonly version: number }>,
): ts.LanguageServiceHost {
  const readDisk = remember((path) => ts.sys.readFile(path));
  const fileOnDisk = remember((path) => ts.sys.fileExists(path));
  const snapshotOnDisk = remember((path) => {
    const text = readDisk(path);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  });
  return {
    getScriptFileNames: () => [...new Set([...fileNames, ...buffers.keys()])],
    getScriptVersion: (path) => String(buffers.get(path)?.version ?? 0),
    getScriptSnapshot: (path) => {
      const text = buffers.get(path)?.text;
      return text === undefined ? snapshotOnDisk(path) : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => "/",
    getCompilationSettings: () => options,
    getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
    fileExists: (path) => buffers.has(path) || fileOnDisk(path),
    readFile: (path) => buffers.get(path)?.text ?? readDisk(path),
    directoryExists: remember((path) => ts.sys.directoryExists(path)),
    getDirectories: (path) => ts.sys.getDirectories(path),
    realpath: remember((path) => ts.sys.realpath?.(path) ?? path),
  };
}

/** Asks once for each path. */
function remember<Answer>(ask: (path: string) => Answer): (path: string) => Answer {
  const answers = new Map<string, { readonly answer: Answer }>();
  return (path) => {
    const known = answers.get(path) ?? { answer: ask(path) };
    answers.set(path, known);
    return known.answer;
  };
}
