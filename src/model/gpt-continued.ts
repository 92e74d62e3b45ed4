/**
 * GPT's logits after one more token: keys and values of the tokens before it are remembered, and only the new token goes
 * through the layers. Each row of an operation has the same bits however many rows there are, on the backends where
 * `computesRowsAlone` says so; there the logits are those of a whole forward pass, bit by bit.
 */
import type { GptConfig } from "../../schemas/model.ts";
import { computesRowsAlone, valuesOf } from "../backend/gradients.ts";
import { attention } from "../backend/operations-attention.ts";
import { project } from "../backend/operations-projection.ts";
import { add, constant, dense, embedding, layerNorm } from "../backend/operations.ts";
import { parameter, type Parameters, type Tensor } from "../backend/tensor.ts";
import { gptEpsilon, gptLayerNames, gptNames, type GptLayerNames } from "./gpt-parameters.ts";
import type { ContinueText } from "./model.ts";

/** Rows [position, hiddenSize] of one layer, up to those that were computed. */
interface LayerMemory {
  readonly keys: Float32Array;
  readonly values: Float32Array;
}

interface Memory {
  /** The tokens that the rows belong to, from position 0 on. */
  tokens: Int32Array;
  readonly layers: readonly LayerMemory[];
}

/** A memory for one text; `undefined` on a backend where a row's bits depend on its neighbours. */
export function continueGpt(config: GptConfig): ContinueText | undefined {
  if (!computesRowsAlone()) return undefined;
  const { numLayers, contextLength, hiddenSize } = config;
  const rows = (): Float32Array => new Float32Array(contextLength * hiddenSize);
  const layers = Array.from({ length: numLayers }, () => ({ keys: rows(), values: rows() }));
  const memory: Memory = { tokens: new Int32Array(), layers };
  return (parameters, tokens) => {
    // A row depends on its own token and those before it. The last one is always computed: its logits are asked for.
    const numKnown = Math.min(numEqual(memory.tokens, tokens), tokens.length - 1);
    memory.tokens = new Int32Array(); // nothing, should the pass fail
    const pass = new ContinuedPass(config, { parameters, tokens, numKnown, layers });
    const logits = valuesOf(() => pass.lastLogits());
    memory.tokens = tokens.slice();
    return logits;
  };
}

/** How many tokens at the front are the same. */
function numEqual(left: Int32Array, right: Int32Array): number {
  const index = left.findIndex((token, position) => token !== right[position]);
  return index === -1 ? left.length : index;
}

interface PassInputs {
  readonly parameters: Parameters;
  readonly tokens: Int32Array;
  /** Tokens at the front whose rows are remembered. */
  readonly numKnown: number;
  readonly layers: readonly LayerMemory[];
}

/** Without dropout. Hidden states are [tokens that are not known, hiddenSize]; after the last layer, [1, hiddenSize]. */
class ContinuedPass {
  private readonly config: GptConfig;
  private readonly inputs: PassInputs;

  constructor(config: GptConfig, inputs: PassInputs) {
    this.config = config;
    this.inputs = inputs;
  }

  /** [1, vocabSize] */
  lastLogits(): Tensor {
    let hidden = this.embed();
    for (const [index, memory] of this.inputs.layers.entries()) {
      hidden = this.layer(hidden, index, memory);
    }
    return project(this.norm(hidden, gptNames.finalNorm), this.table(gptNames.tokens));
  }

  private embed(): Tensor {
    const { tokens, numKnown } = this.inputs;
    const positions = Int32Array.from(tokens, (_, index) => index).subarray(numKnown);
    const words = embedding(this.table(gptNames.tokens), tokens.subarray(numKnown));
    return add(words, embedding(this.table(gptNames.positions), positions));
  }

  private layer(input: Tensor, index: number, memory: LayerMemory): Tensor {
    const { tokens, numKnown } = this.inputs;
    const names = gptLayerNames(index);
    const heads = this.attend(this.norm(input, names.attentionNorm), names, memory);
    const isLast = index === this.config.numLayers - 1;
    const numRows = isLast ? 1 : tokens.length - numKnown; // nothing reads the others
    const attended = this.dense(this.lastRows(heads, numRows), names.attentionOutput);
    const hidden = add(isLast ? this.lastRows(input, numRows) : input, attended);
    const wide = this.dense(this.norm(hidden, names.feedForwardNorm), names.intermediate, "gelu");
    return add(hidden, this.dense(wide, names.output));
  }

  /** [tokens, hiddenSize]; rows of tokens that are known mean nothing, for their queries are zeros. */
  private attend(input: Tensor, names: GptLayerNames, memory: LayerMemory): Tensor {
    const { tokens, numKnown } = this.inputs;
    const { numHeads, hiddenSize } = this.config;
    const shape = [tokens.length, hiddenSize];
    const whole = (rows: Float32Array, site: string): Tensor => {
      const computed = this.dense(input, site);
      rows.set(
        valuesOf(() => computed),
        numKnown * hiddenSize,
      );
      return constant(rows.subarray(0, tokens.length * hiddenSize), shape);
    };
    const [query, key, value] = names.projections;
    return attention(
      {
        query: whole(new Float32Array(tokens.length * hiddenSize), query),
        key: whole(memory.keys, key),
        value: whole(memory.values, value),
      },
      {
        numHeads,
        sequenceLength: tokens.length,
        lengths: Int32Array.of(tokens.length),
        causal: true,
        dropout: undefined,
      },
    );
  }

  private lastRows(input: Tensor, numRows: number): Tensor {
    const { hiddenSize } = this.config;
    if (input.size === numRows * hiddenSize) return input;
    const values = valuesOf(() => input);
    return constant(values.subarray(values.length - numRows * hiddenSize), [numRows, hiddenSize]);
  }

  private dense(input: Tensor, name: string, activation?: "gelu"): Tensor {
    return dense(input, { ...this.weightAndBias(name), ...(activation && { activation }) });
  }

  private norm(input: Tensor, name: string): Tensor {
    const { weight: gain, bias } = this.weightAndBias(name);
    return layerNorm(input, { gain, bias, epsilon: gptEpsilon });
  }

  private table(name: string): Tensor {
    return parameter(this.inputs.parameters, `${name}.weight`);
  }

  private weightAndBias(name: string): { readonly weight: Tensor; readonly bias: Tensor } {
    return { weight: this.table(name), bias: parameter(this.inputs.parameters, `${name}.bias`) };
  }
}
