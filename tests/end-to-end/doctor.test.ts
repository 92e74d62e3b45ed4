/** `exp doctor` tries the backends of this very machine. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownMachine, widerVectorsHint } from "../../src/app/backends/wide-node.ts";
import { createProject, exp } from "./project.ts";

test("exp doctor tries each backend in several processes and tells one document", async () => {
  const project = createProject({});
  const environment = { LOCKSTEP_CACHE: join(project.directory, "cache") };
  const { stdout, status } = await exp(project, ["doctor", "--json"], { environment });
  const { format, findings, backends } = JSON.parse(stdout);
  expect(format).toBe("lockstep/doctor/1");
  expect(findings.map(({ topic }: { readonly topic: string }) => topic)).toEqual(
    expect.arrayContaining([
      "Node.js",
      "processor",
      "cores",
      "memory",
      "disk",
      "cache",
      "wasm",
      "compiler",
      "python",
      "native",
      "cuda",
      "GPU",
    ]),
  );
  expect(backends).toMatchObject([
    { backend: "wasm", repeats: true, sameWithOneThread: true },
    { backend: "cpu", repeats: true, sameWithOneThread: true, threads: 1 },
  ]);
  expect(status).toBe(0);
});

test("exp doctor --no-tests only looks, and a broken backend is told with what mends it", async () => {
  const project = createProject({
    "cache/backends/native/in-use": "x\n",
    "cache/backends/native/x/manifest.json": "{}",
  });
  const environment = { LOCKSTEP_CACHE: join(project.directory, "cache") };
  const { stdout, status } = await exp(project, ["doctor", "--no-tests"], { environment });
  expect(status).toBe(1);
  expect(stdout).toMatch(
    /native +wrong +cannot be used: .*manifest\.json is no lockstep\/backend\/1\./u,
  );
  expect(stdout).toContain("exp backend install native");
  for (const line of widerVectorsHint(ownMachine())?.split("\n") ?? []) {
    expect(stdout).toContain(line); // though nothing is wrong
  }
  expect(stdout).toMatch(/GPU +missing/u); // what comes after it is told too
});
