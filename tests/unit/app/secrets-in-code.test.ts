import { expect, test } from "vitest";
import { secretPlaces, secretsInCode, secretsWarning } from "../../../src/app/secrets-in-code.ts";

const token = `hf_${"aB3dE".repeat(6)}`;
const password = "https://me:hunter2secret@example.org/data";

test("tokens, keys and passwords in addresses are told by file and line, each text once", () => {
  const text = `// first\nfetch("${password}");\nconst a = "${token}", b = "${token}";\n`;
  const key =
    "\n-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34GkxFhD9\n-----END RSA PRIVATE KEY-----\n";
  const files = [
    { path: "a.ts", text },
    { path: "snapshot/a.ts", text }, // the same again, from another folder
    { path: "key.ts", text: key },
    { path: "b.ts", text: 'readSecret(config.token); const apiToken = secret("HF_TOKEN");' },
  ];
  expect(secretsInCode(files)).toEqual(["a.ts:2", "a.ts:3", "key.ts:2"]);
});

test("many places are told by the first ones and a number", () => {
  const found = Array.from({ length: 7 }, (_, index) => `a.ts:${index}`);
  expect(secretPlaces(found)).toMatch(/a\.ts:0, .*a\.ts:4 and 2 more places$/u);
  expect(secretPlaces(["a.ts:1"])).toMatch(/stands in a\.ts:1$/u);
});

test("what a plan would store is told once, whether it is an experiment or a file of the task", () => {
  const prepared = (text: string): Parameters<typeof secretsWarning>[0] =>
    ({
      code: { files: [] },
      resolution: { projectDirectory: "/p", sources: [{ path: "experiments/a.ts", text }] },
    }) as object as Parameters<typeof secretsWarning>[0]; // all that is looked at
  expect(secretsWarning(prepared("export default 1;\n"))).toBeUndefined();
  const warning = secretsWarning(prepared(`\n\nconst key = "${token}";\n`));
  expect(warning).toMatch(/stands in experiments\/a\.ts:3: this code is stored with the run/u);
  expect(warning).not.toContain(token);
});
