/** Adds a user's kinds to those of a training task, after the checks that types cannot make. */
import type { z } from "zod";
import { dataSchemas } from "../../schemas/data.ts";
import { modelSchemas } from "../../schemas/model.ts";
import { optimizerSchemas } from "../../schemas/optimizer.ts";
import type { CallSite } from "../config/call-site.ts";
import { misuse } from "../config/misuse.ts";
import type { TrainingMembers } from "./members.ts";

interface Member {
  readonly kind: string;
  readonly schema: z.core.$ZodType;
}

/**
 * All kinds of both, the older first.
 * @param call - Of `training.with`, for errors.
 * @throws {ExpError} `config` for a kind that is taken, or whose schema does not say it.
 */
export function joinMembers(
  members: TrainingMembers,
  added: TrainingMembers,
  call: CallSite,
): TrainingMembers {
  const join = <Each extends Member>(
    where: string,
    lists: { readonly builtIn: readonly z.core.$ZodType[] } & Record<
      "old" | "added",
      readonly Each[]
    >,
  ): readonly Each[] => {
    const taken = new Set(lists.builtIn.flatMap(kindsOf));
    for (const { kind } of lists.old) taken.add(kind);
    for (const member of lists.added) {
      checkMember(member, { where, taken, call });
      taken.add(member.kind);
    }
    return [...lists.old, ...lists.added];
  };
  const { models = [], dataSources = [], optimizers = [] } = members;
  return {
    models: join("model", { builtIn: modelSchemas, old: models, added: added.models ?? [] }),
    dataSources: join("data", {
      builtIn: dataSchemas,
      old: dataSources,
      added: added.dataSources ?? [],
    }),
    optimizers: join("optimizer", {
      builtIn: optimizerSchemas,
      old: optimizers,
      added: added.optimizers ?? [],
    }),
  };
}

function checkMember(
  { kind, schema }: Member,
  at: { readonly where: string; readonly taken: ReadonlySet<unknown>; readonly call: CallSite },
): void {
  const place = `${at.where}.kind ${JSON.stringify(kind)}`;
  const kinds = kindsOf(schema);
  if (kinds.length !== 1 || kinds[0] !== kind) {
    const hint = `Write z.strictObject({ kind: z.literal(${JSON.stringify(kind)}), … }).`;
    throw misuse(at.call, `the schema of ${place} does not say that kind.`, hint);
  }
  if (at.taken.has(kind)) {
    throw misuse(at.call, `${place} is taken.`, "Choose another name for the kind.");
  }
}

/** The values of `kind` that a member of a union stands for. */
function kindsOf(schema: z.core.$ZodType): readonly unknown[] {
  return [...(schema._zod.propValues?.["kind"] ?? [])];
}
