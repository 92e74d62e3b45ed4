/** All kernels of our own, to be registered for a backend whose memory this process can see. */
import type { BackendName } from "./choose.ts";
import * as attention from "./kernels/attention.ts";
import * as batchNorm from "./kernels/batch-norm.ts";
import * as convolution from "./kernels/convolution.ts";
import { crossEntropy } from "./kernels/cross-entropy.ts";
import { dense, denseGradient } from "./kernels/dense.ts";
import * as elementwise from "./kernels/elementwise.ts";
import * as imagePooling from "./kernels/image-pooling.ts";
import { layerNormBackward, layerNormForward } from "./kernels/layer-norm.ts";
import * as pooling from "./kernels/pooling.ts";
import * as rows from "./kernels/rows.ts";
import { stackLayers, unstackLayers } from "./kernels/stacked-layers.ts";

const kernels: readonly { readonly register: (backend: BackendName) => void }[] = [
  attention.attentionForward,
  attention.attentionBackward,
  batchNorm.batchNormForward,
  batchNorm.batchNormBackward,
  batchNorm.fixedNormForward,
  batchNorm.fixedNormBackward,
  convolution.imageToColumns,
  convolution.columnsToImage,
  convolution.swapAxes,
  crossEntropy,
  dense,
  denseGradient,
  elementwise.gelu,
  elementwise.geluGradient,
  elementwise.relu,
  elementwise.reluGradient,
  elementwise.tanhForward,
  elementwise.tanhGradient,
  elementwise.dropout,
  elementwise.dropoutMask,
  imagePooling.maxPool,
  imagePooling.maxPoolGradient,
  imagePooling.averagePool,
  imagePooling.averagePoolGradient,
  layerNormForward,
  layerNormBackward,
  pooling.firstRows,
  pooling.firstRowsGradient,
  pooling.meanRows,
  pooling.meanRowsGradient,
  rows.columnSum,
  rows.gatherRows,
  rows.segmentSum,
  rows.sumAll,
  stackLayers,
  unstackLayers,
];

/** Registers them under `backend`; a second call replaces them by themselves. */
export function registerKernels(backend: BackendName): void {
  for (const kernel of kernels) kernel.register(backend);
}
