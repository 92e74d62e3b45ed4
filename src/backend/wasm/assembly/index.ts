/** AssemblyScript: what the module exports. A kernel is called by its index in the table, which needs the list below. */
export { push, settle, runAlone, help, currentSlot, slotOfTicket, trap } from "./control";
import { trap } from "./control";
import { packLeft, packRight } from "./packing";
import { multiply } from "./multiply";
import * as elementwise from "./elementwise";
import { columnSum, layerNorm, layerNormColumns, layerNormGradient } from "./layer-norm";
import { maskedSoftmax, maskedSoftmaxGradient } from "./softmax";
import { dropout } from "./dropout";
import { copyBlocks, gatherRows, segmentSum, sortIds } from "./tables";
import { checksum } from "./checksum";
import { crossEntropy } from "./loss";
import { partialSums, squaredSums, sumInOrder } from "./reduce";
import { adamUpdate, lionUpdate, moveTowards, scaleInPlace, sgdUpdate } from "./updates";
import * as batchNorm from "./batch-norm";
import * as batchNormGradient from "./batch-norm-gradient";
import { swapAxes, swapBlocks } from "./axes";
import { columnsToImage, imageToColumns } from "./windows";
import { poolGradient } from "./image-pooling-gradient";
import { poolWindows } from "./image-pooling";
import { poolRows, poolRowsGradient } from "./sequences";
import { biasedGelu } from "./activation";
import { libraryMatrices, libraryProduct } from "./library";
export { packLeft, packRight } from "./packing";
export { multiply, useScratch } from "./multiply";
export * from "./elementwise";
export { columnSum, layerNorm, layerNormColumns, layerNormGradient } from "./layer-norm";
export { maskedSoftmax, maskedSoftmaxGradient } from "./softmax";
export { dropout } from "./dropout";
export { copyBlocks, gatherRows, segmentSum, sortIds } from "./tables";
export { checksum } from "./checksum";
export { crossEntropy } from "./loss";
export { partialSums, squaredSums, sumInOrder } from "./reduce";
export { adamUpdate, lionUpdate, moveTowards, scaleInPlace, sgdUpdate } from "./updates";
export {
  channelMoments,
  fixedScales,
  joinMoments,
  normaliseChannels,
} from "./batch-norm";
export * from "./batch-norm-gradient";
export { swapAxes, swapBlocks } from "./axes";
export { columnsToImage, imageToColumns } from "./windows";
export { poolGradient } from "./image-pooling-gradient";
export { poolWindows } from "./image-pooling";
export { poolRows, poolRowsGradient } from "./sequences";
export { biasedGelu } from "./activation";
export { libraryMatrices, libraryProduct } from "./library";

type Kernel = (args: usize, piece: i32) => void;
const kernels: StaticArray<Kernel> = [
  trap,
  packLeft,
  packRight,
  multiply,
  elementwise.gelu,
  elementwise.geluGradient,
  elementwise.relu,
  elementwise.reluGradient,
  elementwise.tanhForward,
  elementwise.tanhGradient,
  elementwise.combine,
  columnSum,
  layerNorm,
  layerNormColumns,
  layerNormGradient,
  maskedSoftmax,
  maskedSoftmaxGradient,
  dropout,
  copyBlocks,
  gatherRows,
  sortIds,
  segmentSum,
  crossEntropy,
  checksum,
  partialSums,
  squaredSums,
  sumInOrder,
  adamUpdate,
  lionUpdate,
  scaleInPlace,
  sgdUpdate,
  moveTowards,
  batchNorm.channelMoments,
  batchNorm.joinMoments,
  batchNorm.fixedScales,
  batchNorm.normaliseChannels,
  batchNormGradient.channelGradientSums,
  batchNormGradient.joinGradientSums,
  batchNormGradient.channelGradient,
  imageToColumns,
  columnsToImage,
  swapAxes,
  swapBlocks,
  poolWindows,
  poolGradient,
  poolRows,
  poolRowsGradient,
  biasedGelu,
  libraryProduct,
  libraryMatrices,
];

export function kernelIndex(place: i32): i32 {
  return unchecked(kernels[place]).index;
}
