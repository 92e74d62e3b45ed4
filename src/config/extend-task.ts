/**
 * Variants of a task: the same schema with more members in some of its unions. A built-in task offers its own function
 * on top of this one (`training.with({ models: […] })`), which knows how to run what was added.
 */
import { z } from "zod";
import { InternalError } from "../core/errors.ts";
import type { OnEvent } from "../core/hooks.ts";
import type { SchemaTypes } from "../core/named.ts";
import type { ListDataFiles, RunFunction } from "../core/task.ts";
import { callSite, type CallSite } from "./call-site.ts";
import { createTask } from "./create-task.ts";
import { taskData, type TaskData } from "./definition.ts";
import { checkedTaskData, defaultCode } from "./define-task.ts";
import { describeValue, misuse } from "./misuse.ts";
import { schemaNode, type SchemaNode } from "./schema-walk.ts";
import type { DottedPath } from "./patch-types.ts";
import type { Task } from "./task-types.ts";

/** The schema of one member of a union: a `z.strictObject` whose `kind` is a literal. */
export type MemberSchema = SchemaTypes<{ readonly kind: string }, { readonly kind: string }>;

/** Members to be added, by the top-level field whose union gets them. */
export type AddedMembers<C> = { readonly [K in keyof C]?: readonly MemberSchema[] };

type Side = "output" | "input";
type MemberType<M, S extends Side> = M extends readonly (infer E)[]
  ? E extends MemberSchema
    ? E["_zod"][S]
    : never
  : never;
/** A config (or input) type whose unions have the added members too. */
export type WithMembers<T, A, S extends Side> = {
  [K in keyof T]: K extends keyof A ? T[K] | MemberType<A[K], S> : T[K];
};

/** What `taskVariant` takes. */
export interface VariantOptions<C, A> {
  readonly members: A;
  readonly run: RunFunction<WithMembers<C, NoInfer<A>, "output">>;
  /** Default: the base's. */
  readonly listDataFiles?: ListDataFiles<WithMembers<C, NoInfer<A>, "output">>;
  /** Added to the base's. */
  readonly rules?: Readonly<
    Record<string, (config: WithMembers<C, NoInfer<A>, "output">) => boolean>
  >;
  /** Added to the base's. */
  readonly aliases?: Readonly<Record<string, DottedPath<WithMembers<C, NoInfer<A>, "output">>>>;
  /** Default: the base's. */
  readonly onEvent?: OnEvent;
  /** Modules of the added code, beside the base's; default: as in `defineTask`. */
  readonly code?: readonly (string | URL)[];
  /** For functions that wrap this one: where their own caller stands. */
  readonly call?: CallSite;
}

/**
 * A task like `base`, whose named unions have more members; compiled and checked like the base's own. It keeps name and
 * version, so equal configs keep their identity, and takes definitions, fragments and presets that were written for
 * the base. The other way round is a compile error: the base cannot run what was added.
 * @throws {ExpError} `config` for a field without a union on `kind`, and for a `kind` that is there already.
 * @example
 * const variant = taskVariant(training, { members: { model: [perceiverSchema] }, run });
 * export const { defineConfig, extend } = variant;
 */
export function taskVariant<C, I, const A extends AddedMembers<C>>(
  base: Task<C, I>,
  options: VariantOptions<C, A>,
): Task<WithMembers<C, A, "output">, WithMembers<I, A, "input">> {
  const call = options.call ?? callSite(taskVariant);
  const data = taskData(base);
  if (!data) throw misuse(call, `expected a task to build on, found ${describeValue(base)}.`);
  const { members, run, listDataFiles = data.listDataFiles, rules, aliases, code } = options;
  const { onEvent = data.onEvent } = options;
  const added = checkedTaskData(
    {
      name: data.name,
      version: data.version,
      schema: withMembers(data.schema, members, call),
      run,
      ...(listDataFiles && { listDataFiles }),
      rules: { ...data.rules, ...rules },
      aliases: { ...data.aliases, ...aliases },
      deprecated: data.deprecated,
      tolerance: data.tolerance,
      onEvent,
      code: code ?? defaultCode(taskVariant, call),
    },
    call,
  );
  return createTask({ ...added, code: mergedCode(data, added) });
}

function mergedCode(base: TaskData, added: TaskData): readonly string[] {
  return Object.freeze([...new Set([...base.code, ...added.code])]);
}

function withMembers(schema: z.ZodType, members: object, call: CallSite): z.ZodType {
  const root = schemaNode(schema);
  const { def } = root._zod;
  if (def.type !== "object") throw new InternalError("the schema of a task is no object");
  const shape: Record<string, z.core.$ZodType> = { ...def.shape };
  for (const [field, added] of Object.entries(members) as [string, unknown][]) {
    const inherited = shape[field];
    if (!inherited) throw misuse(call, `the task has no field ${field} to add members to.`);
    if (!Array.isArray(added)) {
      throw misuse(call, `${field}: expected a list of schemas, found ${describeValue(added)}.`);
    }
    shape[field] = extendUnion(schemaNode(inherited), { field, added, call });
  }
  return z.clone(schema, { ...def, shape } as typeof schema.def, { parent: true });
}

interface Addition {
  readonly field: string;
  readonly added: readonly unknown[];
  readonly call: CallSite;
}

/** The same schema, wrappers and metadata kept, with the union inside replaced. */
function extendUnion(node: SchemaNode, addition: Addition): z.core.$ZodType {
  const { def } = node._zod;
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "readonly": {
      const innerType = extendUnion(schemaNode(def.innerType), addition);
      return cloned(node, { ...def, innerType });
    }
    case "union":
      if ("discriminator" in def && def.discriminator === "kind") {
        return cloned(node, { ...def, options: unionOptions(def.options, addition) });
      }
      break;
    default:
      break;
  }
  throw misuse(addition.call, `${addition.field} has no union on \`kind\` to add members to.`);
}

/** A copy with another description; it inherits the metadata, so that marks stay. */
function cloned(node: z.core.$ZodType, def: SchemaNode["_zod"]["def"]): z.core.$ZodType {
  return z.core.clone(node, def, { parent: true });
}

function unionOptions(
  inherited: readonly z.core.$ZodType[],
  { field, added, call }: Addition,
): readonly z.core.$ZodType[] {
  const kinds = new Set(inherited.flatMap(kindsOf));
  const options = [...inherited];
  for (const schema of added) {
    const own = isSchema(schema) ? kindsOf(schema) : [];
    if (!isSchema(schema) || own.length === 0) {
      const found = describeValue(schema);
      throw misuse(
        call,
        `${field}: a member is a z.strictObject with a literal kind, found ${found}.`,
      );
    }
    for (const kind of own) {
      if (kinds.has(kind)) throw misuse(call, `${field}: there is already a kind ${String(kind)}.`);
      kinds.add(kind);
    }
    options.push(schema);
  }
  return options;
}

function isSchema(value: unknown): value is z.core.$ZodType {
  return typeof value === "object" && value !== null && "_zod" in value;
}

function kindsOf(schema: z.core.$ZodType): unknown[] {
  const { def } = schemaNode(schema)._zod;
  if (def.type === "union") return def.options.flatMap(kindsOf);
  const kind = def.type === "object" ? def.shape["kind"] : undefined;
  return kind ? [...(kind._zod.values ?? [])] : [];
}
