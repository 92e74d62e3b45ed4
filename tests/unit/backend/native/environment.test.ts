import { expect, test } from "vitest";
import {
  isLibraryChatter,
  isStartedPooled,
  nativeVariables,
  requireVariables,
} from "../../../../src/backend/native/environment.ts";
import { nativeClass, processorClass } from "../../../../src/backend/native/environment-class.ts";
import type { Installation } from "../../../../src/backend/native/installation.ts";
import type { CompiledName } from "../../../../src/backend/native/place.ts";

function installation(backend: CompiledName, libraryFolders: readonly string[] = []): Installation {
  const manifest = {
    format: "lockstep/backend/1" as const,
    backend,
    tensorflow: "2.21.0",
    request: "",
    sources: "",
    nodeApi: 8,
    platform: "linux",
    arch: "x64",
    compiler: "",
    testedWith: "",
    libraryFolders,
    files: [],
  };
  return { folder: "/cache/x", id: "x", manifest };
}

test("everything that decides bits is set", () => {
  expect(nativeVariables({ installation: installation("native"), threads: 2 }, {})).toEqual({
    TF_NUM_INTRAOP_THREADS: "1",
    TF_NUM_INTEROP_THREADS: "1",
    TF_DETERMINISTIC_OPS: "1",
    TF_CUDNN_DETERMINISTIC: "1",
    TF_CUDNN_USE_AUTOTUNE: "0",
    NVIDIA_TF32_OVERRIDE: "0",
    TF_ENABLE_ONEDNN_OPTS: "1",
    ONEDNN_MAX_CPU_ISA: "DEFAULT",
    DNNL_MAX_CPU_ISA: "DEFAULT",
    ONEDNN_DEFAULT_FPMATH_MODE: "STRICT",
    DNNL_DEFAULT_FPMATH_MODE: "STRICT",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    TF_CPP_MIN_LOG_LEVEL: "2",
    CUDA_VISIBLE_DEVICES: "-1",
  });
});

test("the library has one thread where products are shared out to ours, else all of them", () => {
  const threadsOf = (backend: CompiledName, isPooled?: boolean): string | undefined =>
    nativeVariables(
      {
        installation: installation(backend),
        threads: 2,
        ...(isPooled !== undefined && { isPooled }),
      },
      {},
    )["TF_NUM_INTRAOP_THREADS"];
  expect([threadsOf("native"), threadsOf("native", false)]).toEqual(["1", "1"]);
  expect([threadsOf("native", true), threadsOf("cuda")]).toEqual(["2", "2"]);
  const found = { TF_NUM_INTRAOP_THREADS: "2" };
  expect([1, 2, 3].map((threads) => isStartedPooled(threads, found))).toEqual([false, true, false]);
  expect(isStartedPooled(1, { TF_NUM_INTRAOP_THREADS: "1" })).toBe(false);
});

test("what a user tells oneDNN elsewhere does not change the bits of a run", () => {
  const own = { ONEDNN_MAX_CPU_ISA: "AVX2", DNNL_DEFAULT_FPMATH_MODE: "BF16" };
  const setting = { installation: installation("native"), threads: 2 };
  expect(nativeVariables(setting, own)).toEqual(nativeVariables(setting, {}));
  expect(() => requireVariables(setting, { ...nativeVariables(setting, {}), ...own })).toThrow(
    "ONEDNN_MAX_CPU_ISA=DEFAULT DNNL_DEFAULT_FPMATH_MODE=STRICT",
  );
});

test("libraries of CUDA come before those of the user, once each, and devices are the user's choice", () => {
  const setting = {
    installation: installation("cuda", ["nvidia/a/lib", "nvidia/b/lib"]),
    threads: 2,
  };
  const first = nativeVariables(setting, { LD_LIBRARY_PATH: "/own" });
  const path = "/cache/x/nvidia/a/lib:/cache/x/nvidia/b/lib:/own";
  expect(first["LD_LIBRARY_PATH"]).toBe(path);
  expect(nativeVariables(setting, first)["LD_LIBRARY_PATH"]).toBe(path);
  expect(first["CUDA_VISIBLE_DEVICES"]).toBe(undefined);
});

test("a process that was not started for the backend is refused, with every variable that differs", () => {
  const setting = { installation: installation("native"), threads: 2 };
  const right = nativeVariables(setting, {});
  expect(() => requireVariables(setting, right)).not.toThrow();
  expect(() => requireVariables(setting, { ...right, TF_CPP_MIN_LOG_LEVEL: "0" })).not.toThrow();
  expect(() =>
    requireVariables(setting, {
      ...right,
      TF_NUM_INTRAOP_THREADS: "3",
      NVIDIA_TF32_OVERRIDE: undefined,
    }),
  ).toThrow("was started for it, with TF_NUM_INTRAOP_THREADS=1 NVIDIA_TF32_OVERRIDE=0.");
});

test("the class of a processor is its model with a digest of what the library looks at", () => {
  const read =
    (flags: string, cache: string) =>
    (path: string): string | undefined => {
      if (path === "/proc/cpuinfo")
        return `model name\t: AMD EPYC 9R45 64-Core Processor\nflags\t\t: fpu ${flags}\n`;
      return path.endsWith("index2/size") ? `${cache}\n` : undefined;
    };
  const own = processorClass(read("avx2 fma", "1024K"));
  expect(own).toMatch(/^amd-epyc-9r45-64-core-[0-9a-f]{8}$/u);
  expect(processorClass(read("fma avx2 aes", "1024K"))).toBe(own);
  expect(processorClass(read("avx2", "1024K"))).not.toBe(own);
  expect(processorClass(read("avx2 fma", "2048K"))).not.toBe(own);
  expect(processorClass(() => undefined)).toMatch(/^unknown-[0-9a-f]{8}$/u);
});

test("the class tells other libraries apart: TensorFlow's, and for cuda CUDA's too", () => {
  const classOf = (backend: CompiledName, files: Readonly<Record<string, string>>): string => {
    const { manifest, ...rest } = installation(backend);
    const list = Object.entries(files).map(([path, sha256]) => ({ path, bytes: 1, sha256 }));
    const setting = {
      installation: { ...rest, manifest: { ...manifest, files: list } },
      threads: 2,
    };
    return nativeClass(setting, {}, "cpu");
  };
  const library = { "tensorflow/libtensorflow_cc.so.2": "0123456789" };
  const addon = { "addon/tfjs_binding.node": "a" };
  const native = classOf("native", library);
  expect(native).toBe("native/6/tensorflow-2.21.0-01234567/cpu/threads-2");
  expect(classOf("native", { ...library, ...addon })).toBe(native);
  const cuda = classOf("cuda", { ...library, "nvidia/cudnn/lib/libcudnn.so.9": "1" });
  expect(cuda).toMatch(/^cuda\/6\/tensorflow-2\.21\.0-[0-9a-f]{8}\/.*\/cpu\/threads-2$/u);
  expect(classOf("cuda", { ...library, "nvidia/cudnn/lib/libcudnn.so.9": "1", ...addon })).toBe(
    cuda,
  );
  expect(classOf("cuda", { ...library, "nvidia/cudnn/lib/libcudnn.so.9": "2" })).not.toBe(cuda);
});

test("what the library prints when it is loaded is told from what a task prints", () => {
  expect(isLibraryChatter("I0000 00:00:1795284635.399882   12744 port.cc:153] oneDNN custom")).toBe(
    true,
  );
  expect(isLibraryChatter("E0000 00:00:1795284635.399882 12744 cuda.cc:1] failed")).toBe(false);
  expect(isLibraryChatter("step 3 of 10")).toBe(false);
});
