/** Runs that are named on the command line, on their way to other tools. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { exportKinds, exportRuns } from "../../../../src/app/export/export-runs.ts";
import { openStore } from "../../../../src/store/store.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { project } from "../import-foreign/project.ts";
import { publishRun } from "../../store/sample-run.ts";

type Request = Parameters<typeof exportRuns>[0];

function request(runs: string, changes: Partial<Request>): Request {
  const { signal } = new AbortController();
  const context = { runsDirectory: runs, workingDirectory: runs, environment: {} };
  return { ...context, words: [], to: "csv", signal, ...changes };
}

/** A store of two runs, and their names. */
function storeOfTwo(): [string, readonly string[]] {
  const runs = temporaryFolder();
  const store = openStore(runs);
  const names = [1, 2].map((seed) => publishRun(store, seed).split("/").at(-1) ?? "");
  return [runs, names];
}

test.each([
  [{ to: "excel", out: "x" }, "there is no", "csv, parquet, tensorboard"],
  [{ to: "csv" }, "none is named", "--out exported"],
  [{ to: "tensorboard", out: "x" }, "no run is named", "exp export 031a6508"],
  [{ to: "hf", words: ["12345678"] }, "none is named", "--out exported"],
  [{ to: "hf", out: "x", words: ["12345678"] }, "No run", "exp runs"],
])("%j is refused", async (changes, message, hint) => {
  const [runs] = storeOfTwo();
  await expect(exportRuns(request(runs, changes))).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  });
});

test("tables take all runs where none is named, and those that are where some are", async () => {
  const [runs, [first = ""]] = storeOfTwo();
  const out = temporaryFolder();
  const rowsOf = async (words: readonly string[]): Promise<number> => {
    await exportRuns(request(runs, { out, words }));
    return readFileSync(join(out, "runs.csv"), "utf8").trim().split("\n").length - 1;
  };
  expect(await rowsOf([])).toBe(2);
  expect(await rowsOf([first])).toBe(1);
  expect(await rowsOf(["seed = 2", first])).toBe(2);
});

test("tables say that foreign runs are left out", async () => {
  const place = project({ "old.csv": "run,lr,metrics.f1\na,1,0.5\nb,2,0.75\n" });
  await place.take("csv", "old.csv");
  const told: string[] = [];
  const out = temporaryFolder();
  const asked = { out, onWarning: (text: string) => void told.push(text) };
  await exportRuns(request(place.at("runs"), asked));
  expect(told).toEqual([expect.stringMatching(/^2 foreign runs are left out: /u)]);
});

test("a run that cannot be exported is told, and the others are exported", async () => {
  const [runs, names] = storeOfTwo();
  const out = temporaryFolder();
  writeFileSync(join(runs, names[0] ?? "", "results/metrics.json"), "{");
  const told: string[] = [];
  const exported = await exportRuns(
    request(runs, {
      to: "tensorboard",
      out,
      words: names,
      onRun: ({ run }) => told.push(run.name),
    }),
  );
  if (exported.kind !== "runs") throw new Error("expected runs");
  expect(told).toEqual(names);
  expect(exported.runs.map(({ result }) => "error" in result)).toEqual([true, false]);
  expect(readdirSync(join(out, "bert-lr"))).toEqual([names[1]]);
});

test("every tool that is offered can be exported to", async () => {
  const [runs, [first = ""]] = storeOfTwo();
  for (const to of ["csv", "parquet", "tensorboard", "hf"]) {
    expect(exportKinds).toContain(to);
    const { kind } = await exportRuns(
      request(runs, { to, out: temporaryFolder(), words: [first] }),
    );
    expect(kind).toBe(to === "csv" || to === "parquet" ? "tables" : "runs");
  }
});

test("a server that is away is asked for the first run alone, and the others are counted", async () => {
  const [runs, names] = storeOfTwo();
  const server = createServer((_request, response) => {
    response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${String(port)}`;
  const exported = await exportRuns(request(runs, { to: "mlflow", words: names, server: { url } }));
  if (exported.kind !== "runs") throw new Error("expected runs");
  expect(exported.runs.map(({ run }) => run.name)).toEqual([names[0]]);
  expect(exported.numNotTried).toBe(1);
  const options = { runsDirectory: runs, experiment: "my runs", checkpoints: true };
  const again = await exportRuns(
    request(runs, {
      to: "mlflow",
      words: names,
      runsDirectory: runs,
      server: { url: url.replace("://", "://me:secret@"), ...options },
    }),
  );
  expect(JSON.stringify(again)).not.toContain("secret");
  expect(again).toMatchObject({
    runs: [
      {
        result: {
          error: {
            hint: expect.stringContaining(
              `exp export ${names[0] ?? ""} --to mlflow --url 'http://…@127.0.0.1:${String(port)}' --experiment 'my runs' --runs-dir '${runs}' --checkpoints sends what is missing.`,
            ),
          },
        },
      },
    ],
  });
});
