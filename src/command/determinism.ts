/** Environment variables that make the numeric libraries of other languages give the same bits again. */

/**
 * Variables for a program, to be put over the inherited ones.
 * @param seed - The root seed; Python's takes its lower 32 bits.
 * @param threads - Threads of each library; more are quicker, and their number changes the order of sums.
 * @see Python, "Command line and environment: PYTHONHASHSEED"; NVIDIA, "cuBLAS: results reproducibility" and
 *   "TF32 override"; TensorFlow, `tf.config.experimental.enable_op_determinism`; PyTorch, "Reproducibility".
 */
export function determinismVariables(
  seed: number,
  threads: number,
): Readonly<Record<string, string>> {
  const count = String(threads);
  return {
    PYTHONHASHSEED: String(seed % 2 ** 32), // without it, sets and dicts of texts are walked in another order each time
    PYTHONUNBUFFERED: "1", // lines come when they are printed, not when 8 KiB are full
    PYTHONDONTWRITEBYTECODE: "1", // `__pycache__` beside the sources would be read by the next run
    OMP_NUM_THREADS: count,
    OMP_DYNAMIC: "FALSE", // else the number of threads follows the load of the machine
    MKL_NUM_THREADS: count,
    MKL_DYNAMIC: "FALSE",
    OPENBLAS_NUM_THREADS: count,
    BLIS_NUM_THREADS: count,
    NUMEXPR_NUM_THREADS: count,
    VECLIB_MAXIMUM_THREADS: count,
    TF_NUM_INTRAOP_THREADS: count,
    TF_NUM_INTEROP_THREADS: count,
    TF_DETERMINISTIC_OPS: "1",
    TF_CUDNN_DETERMINISTIC: "1",
    TF_CUDNN_USE_AUTOTUNE: "0", // may choose another algorithm from run to run
    CUBLAS_WORKSPACE_CONFIG: ":4096:8", // without a workspace of its own, cuBLAS may sum in any order
    NVIDIA_TF32_OVERRIDE: "0", // else matrix products lose 13 bits, and which ones depends on the card
    TOKENIZERS_PARALLELISM: "false",
  };
}
