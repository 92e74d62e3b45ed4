/** Where a program of somebody else's may be expected to give the same bits again. */
import { arch, cpus, platform } from "node:os";

/**
 * The environment class of programs: system, architecture and processor, because numeric libraries choose their
 * kernels by it. Whatever else a program depends on (its interpreter, its packages) belongs into `files`.
 */
export function hostClass(): { readonly backend: string; readonly environmentClass: string } {
  const [cpu] = cpus();
  const model = (cpu?.model ?? "unknown").toLowerCase().replace(/[^a-z0-9.]+/g, "-");
  const processor = model.replace(/^-+|-+$/g, "") || "unknown";
  return { backend: "process", environmentClass: `process/${platform()}-${arch()}/${processor}` };
}
