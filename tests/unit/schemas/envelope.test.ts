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
