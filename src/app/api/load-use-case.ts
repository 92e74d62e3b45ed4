/** How the functions for scripts reach what does the work, without anybody else reaching it through them. */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { loadLater } from "../../core/load-later.ts";
import type * as LoadTrainedModel from "../load-trained-model.ts";
import type * as ResolveForCode from "../resolve-for-code.ts";
import type * as RunForCode from "../run-for-code.ts";
import type * as OpenRunStore from "../run-store.ts";

/** Modules that do the work, by name. */
interface UseCases {
  readonly "resolve-for-code": typeof ResolveForCode;
  readonly "run-for-code": typeof RunForCode;
  readonly "run-store": typeof OpenRunStore;
  readonly "load-trained-model": typeof LoadTrainedModel;
}

/**
 * A module of the folder above, loaded when it is first needed. Its file is computed, so that bundlers do not follow it: a
 * task whose module imports `lockstep` would else have all that plans and stores runs in its code identity.
 */
export async function loadUseCase<Name extends keyof UseCases>(
  name: Name,
): Promise<UseCases[Name]> {
  const file = `../${name}${extname(fileURLToPath(import.meta.url))}`;
  const load = async (): Promise<UseCases[Name]> => {
    const loaded: unknown = await import(file);
    return loaded as UseCases[Name]; // the module that the name stands for
  };
  return loadLater(import.meta.url, `../${name}`, load);
}
