/** Operations on images, of which any number is repeated. */
import * as images from "../../../../src/backend/operations-image.ts";
import { constant } from "../../../../src/backend/operations.ts";
import type { Tensor } from "../../../../src/backend/tensor.ts";
import * as referenceImage from "../reference-image.ts";
import type { ImageShape } from "../reference-image.ts";
import { pick } from "./operation-case.ts";
import type { RepeatedCase } from "./size-case.ts";

const image: ImageShape = [2, 6, 5, 3];
const windows = { windowHeight: 2, windowWidth: 2, stride: 2, padding: 1 };
const pooling = { size: 2, stride: 2, padding: 1 };

export const repeatedImageCases: readonly RepeatedCase[] = [
  {
    title: "convolution",
    repeated: [image],
    shared: [[4, 3, 2, 2], [4]],
    isDefinedForNone: true,
    operation: (tensors) => {
      const [weight, bias] = [pick(tensors, 1), pick(tensors, 2)];
      return images.convolution2d(pick(tensors, 0), { weight, bias, stride: 2, padding: 1 });
    },
    reference: (lists) =>
      referenceImage.convolution({ values: pick(lists, 0), shape: image }, pick(lists, 1), {
        outputs: 4,
        bias: pick(lists, 2),
        ...windows,
      }),
  },
  ...(["max", "average"] as const).map((kind): RepeatedCase => ({
    title: `${kind} pooling`,
    repeated: [image],
    shared: [],
    isDefinedForNone: true,
    operation: (tensors) => {
      const pool = kind === "max" ? images.maxPool2d : images.averagePool2d;
      return pool(pick(tensors, 0), pooling);
    },
    reference: (lists) => referenceImage.pool(pick(lists, 0), image, { kind, ...windows }),
  })),
  {
    title: "batch norm",
    repeated: [image],
    shared: [[3], [3]],
    isDefinedForNone: false, // refused: see the special values of images
    operation: (tensors) => {
      const [gain, bias] = [pick(tensors, 1), pick(tensors, 2)];
      return images.batchNorm(pick(tensors, 0), { gain, bias, epsilon: 1e-3 });
    },
    reference: (lists) => {
      const own = referenceImage.channelStatistics(pick(lists, 0), 3);
      return referenceImage.normalised(pick(lists, 0), {
        gain: pick(lists, 1),
        bias: pick(lists, 2),
        mean: own.map(({ mean }) => mean),
        variance: own.map(({ biased }) => biased),
        epsilon: 1e-3,
      });
    },
  },
  {
    title: "fixed norm",
    repeated: [image],
    shared: [[3], [3]],
    isDefinedForNone: true,
    operation: (tensors) => {
      const [gain, bias] = [pick(tensors, 1), pick(tensors, 2)];
      const three = (value: number): Tensor => constant(new Float32Array(3).fill(value), [3]);
      const statistics = { mean: three(0.25), variance: three(2) };
      return images.fixedNorm(pick(tensors, 0), { gain, bias, ...statistics, epsilon: 1e-3 });
    },
    reference: (lists) =>
      referenceImage.normalised(pick(lists, 0), {
        gain: pick(lists, 1),
        bias: pick(lists, 2),
        mean: [0.25, 0.25, 0.25],
        variance: [2, 2, 2],
        epsilon: 1e-3,
      }),
  },
];
