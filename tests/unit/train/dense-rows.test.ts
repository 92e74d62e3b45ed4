/** Dense rows tell gradients as the passes gave them, whenever their checksums are taken. */
import { expect, test } from "vitest";
import { z } from "zod";
import type { HostTensors } from "../../../src/core/run-events.ts";
import { defineOptimizer } from "../../../src/train/members.ts";
import { pointsInput, runToy, toyMembers, traceOf } from "./toy.ts";

/** Steps down the gradient, which it may then overwrite. */
function steps(afterwards: (gradients: HostTensors) => void) {
  return defineOptimizer({
    kind: "steps",
    schema: z.strictObject({ kind: z.literal("steps"), learningRate: z.number().gt(0) }),
    create: () => ({
      init: () => new Map(),
      update: ({ parameters, gradients }, { learningRate }) => {
        for (const [name, { values }] of parameters) {
          const gradient = gradients.get(name)?.values ?? [];
          values.forEach((value, index) => {
            values[index] = value - learningRate * (gradient[index] ?? 0);
          });
        }
        afterwards(gradients);
      },
    }),
  });
}

async function traceWith(afterwards: (gradients: HostTensors) => void): Promise<unknown> {
  const members = { ...toyMembers, optimizers: [steps(afterwards)] };
  return traceOf(
    await runToy({ ...pointsInput, optimizer: { kind: "steps", learningRate: 0.1 } }, { members }),
  );
}

/** Of the first step: all that a dense row tells. */
async function firstRow(maxGradNorm: number | null): Promise<Readonly<Record<string, unknown>>> {
  const training = { ...pointsInput.training, maxGradNorm };
  const [row = {}] = traceOf(await runToy({ ...pointsInput, training }));
  return row;
}

test("an optimizer that overwrites gradients changes no row", async () => {
  const overwritten = await traceWith((gradients) => {
    for (const { values } of gradients.values()) values.fill(7);
  });
  expect(overwritten).toEqual(await traceWith(() => undefined));
});

test("clipping changes the parameters after a step, and no checksum of its gradients", async () => {
  const [clipped, free] = [await firstRow(1e-3), await firstRow(null)];
  const [some, others] = [clipped["checksums"], free["checksums"]] as [string[], string[]];
  const numParameters = 2; // weights and biases of each layer
  expect(some.length).toBe(others.length);
  const same = some.flatMap((checksum, index) => (checksum === others[index] ? [index] : []));
  expect(clipped["gradientNorm"]).toBe(free["gradientNorm"]);
  expect(same.length).toBeGreaterThanOrEqual(numParameters);
});
