/**
 * What every backend must do: each operation's values against float64 references, its gradients against central
 * differences of those, over sizes that no tile fits, empty and huge ones.
 */
import { beforeAll, describe } from "vitest";
import type { ContractBackend, Section } from "./backend.ts";
import { describeArguments } from "./arguments.ts";
import { describeDropout } from "./dropout.ts";
import { describeImages } from "./images.ts";
import { describeLongSums } from "./long-sums.ts";
import { describeMatMul } from "./matmul.ts";
import { describeOperations } from "./operations.ts";
import { describeRandom } from "./random.ts";
import { describeSizes } from "./sizes.ts";
import { describeSpecialValues } from "./special-values.ts";
import { describeTensorFlow } from "./tensorflow.ts";
import { describeUpdates } from "./updates.ts";

const sections: Readonly<Record<Section, (backend: ContractBackend) => void>> = {
  operations: describeOperations,
  arguments: describeArguments,
  dropout: describeDropout,
  random: describeRandom,
  "special values": describeSpecialValues,
  "matrix multiplication": describeMatMul,
  images: describeImages,
  sizes: describeSizes,
  "long sums": describeLongSums,
  updates: describeUpdates,
  "tf.*": describeTensorFlow,
};

/** Describes all sections that the backend does not lack. */
export function describeContract(backend: ContractBackend): void {
  describe(`the contract on ${backend.name}`, () => {
    beforeAll(backend.open);
    const own = Object.entries(sections).filter(([name]) =>
      backend.lacks.every((lacking) => lacking !== name),
    );
    describe.each(own)("%s", (_name, describeSection) => {
      describeSection(backend);
    });
  });
}
