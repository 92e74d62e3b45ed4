/** Processes that store the same code or data at the same moment: each finds it whole, whoever wrote it, or was killed. */
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { nodeFileOperations, type FileOperations } from "../../../src/store/file-operations.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { sampleCodeHash } from "./sample-run.ts";

const codeHash = sampleCodeHash;
const content = { facts: {}, files: [{ path: "a.ts", bytes: Buffer.from("a") }] };
const list = [["a.tsv", sha256("a")]] as const;

/** What processes share, how it is stored, and whether it is there. */
const shared: readonly {
  readonly name: string;
  readonly save: (store: Store) => void;
  readonly isWhole: (store: Store) => boolean;
}[] = [
  {
    name: "a list of data",
    save: (store) => {
      store.saveDataList(list);
    },
    isWhole: (store) => store.readDataList(sha256(JSON.stringify(list))) !== undefined,
  },
  {
    name: "digests of rows",
    save: (store) => {
      store.saveDataRows(sha256("rows"), () => Buffer.from("12345678"));
    },
    isWhole: (store) => store.readDataRows(sha256("rows")) !== undefined,
  },
  {
    name: "a packed snapshot",
    save: (store) => store.packSnapshot(codeHash, content),
    isWhole: (store) => store.readSnapshot(store.packSnapshot(codeHash, content)) !== undefined,
  },
  {
    name: "a diff",
    save: (store) => store.saveDiff(codeHash, Buffer.from("diff")),
    isWhole: (store) => store.readDiff(codeHash, sha256("diff")) !== undefined,
  },
];

function emptyStore(): Store {
  const store = openStore(temporaryFolder());
  store.saveCode(codeHash, { bundle: "b", packages: [], files: [], sources: [] });
  return store;
}

/** The same folder, as a process sees it whose calls are others. */
function storeWith(store: Store, changed: Partial<FileOperations>): Store {
  return openStore(store.directory, {
    files: createFileSystem({ ...nodeFileOperations, ...changed }),
  });
}

/** A process that does something else just before its first rename. */
function storeThatWaits(store: Store, meanwhile: () => void): Store {
  let isFirst = true;
  return storeWith(store, {
    rename: (from, to): void => {
      if (isFirst) {
        isFirst = false;
        meanwhile();
      }
      nodeFileOperations.rename(from, to);
    },
  });
}

describe.each(shared)("$name", ({ save, isWhole }) => {
  test("is stored by two processes at once", () => {
    const store = emptyStore();
    save(
      storeThatWaits(store, () => {
        save(store);
      }),
    );
    expect(isWhole(store)).toBe(true);
    expect(store.check({ isRepairing: false }).findings).toEqual([]);
  });

  test("is whole where another process was killed as it began to write the same", () => {
    const store = emptyStore();
    const killed = storeWith(store, {
      write: (): number => {
        throw new Error("killed");
      },
      removeFile: () => undefined,
    });
    save(
      storeThatWaits(store, () => {
        expect(() => {
          save(killed);
        }).toThrow("killed");
      }),
    );
    expect(isWhole(store)).toBe(true);
    expect(store.check({ isRepairing: false }).findings).toEqual([]); // it may be writing yet
  });
});

test("what a process left half-written is told after an hour, and moved aside", () => {
  const store = emptyStore();
  for (const { save } of shared) save(store);
  const places = [
    ".data",
    ".data/rows",
    `.code/${codeHash}/snapshots`,
    `.code/${codeHash}/uncommitted`,
  ];
  const day = 86_400_000;
  for (const place of places) {
    const folder = join(store.directory, place);
    const [name = ""] = readdirSync(folder);
    const path = join(folder, `.${name}.0123abcd.new`);
    writeFileSync(path, "half");
    utimesSync(path, new Date(Date.now() - day), new Date(Date.now() - day));
  }
  const { findings } = store.check({ isRepairing: true });
  expect(findings.map(({ code, isRepaired }) => [code, isRepaired])).toEqual(
    places.map(() => ["leftover", true]),
  );
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
});
