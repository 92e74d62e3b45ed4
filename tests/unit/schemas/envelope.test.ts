import { expect, test } from "vitest";
import { z } from "zod";
import { envelopeFields } from "../../../schemas/envelope.ts";

const schema = z.strictObject(envelopeFields);
const problem = (seeds: object): string | undefined => {
  const [issue] = schema.safeParse({ seeds }).error?.issues ?? [];
  return issue?.code === "invalid_key" ? issue.issues[0]?.message : issue?.message;
};

test("seeds are set for Lockstep's purposes by name, and for any other below own", () => {
  const own = { noise: 3, "augmentation/flip": 0, "dropout/embeddings": 1 };
  expect(schema.parse({ seeds: { augmentation: 2, own } }).seeds).toEqual({ augmentation: 2, own });
  expect(schema.parse({}).seeds).toBeUndefined(); // absent, it is in no identity
});

test("a purpose that is not one, has a field, or gets no seed is refused", () => {
  expect(problem({ noise: 3 })).toMatch(/noise/u);
  expect(problem({ own: { dropout: 1 } })).toBe("its own field is seeds.dropout");
  for (const purpose of ["", "/a", "a//b", "a/"])
    expect(problem({ own: { [purpose]: 1 } })).toMatch(/^names joined by single slashes/u);
  for (const seed of [-1, 0.5, 2 ** 53, "1"]) expect(problem({ own: { a: seed } })).toBeDefined();
});

test("tools that show runs are names or objects; a password in an address is refused", () => {
  const isTaken = (tool: unknown): boolean => schema.safeParse({ tracking: [tool] }).success;
  expect(schema.parse({}).tracking).toBeUndefined(); // absent, it is in no stored config
  const server = { kind: "mlflow", url: "https://mlflow.example.org:5000/team", experiment: "e" };
  for (const tool of ["tensorboard", "mlflow", "wandb", server, { kind: "wandb", directory: "x" }])
    expect(isTaken(tool)).toBe(true);
  for (const kind of ["csv", "parquet", "hf"])
    for (const tool of [kind, { kind }, { kind, to: "tables" }]) expect(isTaken(tool)).toBe(true);
  for (const tool of ["trackio", { kind: "trackio", project: "p", directory: "x" }])
    expect(isTaken(tool)).toBe(true);
  for (const tool of [
    { kind: "csv", directory: "x" },
    { kind: "trackio", to: "x" },
  ])
    expect(isTaken(tool)).toBe(false);
  const address = (url: string): object => ({ kind: "mlflow", url });
  for (const url of ["mlflow.db", "ftp://host", "http://me:secret@host", "http://host?token=1", ""])
    expect(isTaken(address(url))).toBe(false);
  for (const tool of ["mlfow", 1, null, { kind: "tensorboard" }, { ...server, project: "p" }])
    expect(isTaken(tool)).toBe(false);
});
