/**
 * Doc comments of a schema's fields. Zod knows nothing of them: they stand in the source, before the keys of the object
 * literals that schemas are made of. A schema at run time and its literal are matched by the keys that both have.
 */
import type * as oxc from "oxc-parser";
import { docBefore } from "./doc-comments.ts";
import { literalOf, type Open } from "./find-key.ts";
import { parseModule, type ParsedModule } from "./parsed-module.ts";

/** What identifies an object schema: its keys, the `kind` of a union's member, and the key that it stands under. */
export interface ObjectSignature {
  readonly keys: readonly string[];
  readonly kind?: unknown;
  readonly parentKey?: string;
}

/** The docs of schema fields. */
export interface FieldDocs {
  /** The doc comment of each field of an object, by its key. */
  ofObject(signature: ObjectSignature): ReadonlyMap<string, string>;
}

/** No docs at all: for where the parser cannot run. */
export const noFieldDocs: FieldDocs = { ofObject: () => new Map() };

/** An object literal that a schema is made of. */
interface SchemaLiteral {
  readonly docs: ReadonlyMap<string, string | undefined>;
  readonly kind: unknown;
  readonly parentKey: string | undefined;
  /** Some keys come from where only running the code could tell. */
  readonly isOpen: boolean;
}

/** A module as text. */
export interface ModuleText {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
}

/**
 * Reads the docs of all schemas in some modules.
 * @param parser - `oxc-parser`, handed in because loading it is only worth it for help.
 */
export function readFieldDocs(
  parser: Pick<typeof oxc, "parseSync">,
  modules: readonly ModuleText[],
): FieldDocs {
  const parsed = new Map(
    modules.map(({ file, text }) => [file, parseModule(parser, file, text)] as const),
  );
  const open: Open = (file) => parsed.get(file);
  const literals = [...parsed.values()].flatMap((module) =>
    schemaLiterals(module, { open, all: [...parsed.values()] }),
  );
  return { ofObject: (signature) => docsOf(signature, literals) };
}

function docsOf(
  { keys, kind, parentKey }: ObjectSignature,
  literals: readonly SchemaLiteral[],
): ReadonlyMap<string, string> {
  const wanted = new Set(keys);
  const fitting = literals.filter((literal) => {
    const isPart = [...literal.docs.keys()].every((key) => wanted.has(key));
    const isSameKind = kind === undefined || literal.kind === undefined || literal.kind === kind;
    return isPart && isSameKind && (literal.isOpen || literal.docs.size === wanted.size);
  });
  const exact = fitting.filter(({ docs }) => docs.size === wanted.size);
  const near = exact.filter((literal) => literal.parentKey === parentKey);
  const chosen = near.length > 0 ? near : exact.length > 0 ? exact : fitting;
  return new Map(keys.flatMap((key) => commonDoc(key, chosen)));
}

/** Two literals that say different things of a key say nothing sure. */
function commonDoc(key: string, literals: readonly SchemaLiteral[]): readonly [string, string][] {
  const having = literals.filter(({ docs }) => docs.has(key));
  const [doc, ...others] = new Set(having.map(({ docs }) => docs.get(key)));
  return doc === undefined || others.length > 0 ? [] : [[key, doc]];
}

interface Scan {
  readonly open: Open;
  readonly all: readonly ParsedModule[];
}

const constructors = new Set(["strictObject", "object", "looseObject"]);
const extenders = new Set(["extend", "safeExtend"]);

/** The literals that a module hands to zod's functions that make or extend an object. */
function schemaLiterals(module: ParsedModule, scan: Scan): readonly SchemaLiteral[] {
  const found: SchemaLiteral[] = [];
  const visit = (node: unknown, parentKey: string | undefined): void => {
    if (Array.isArray(node)) for (const item of node) visit(item, parentKey);
    if (typeof node !== "object" || node === null || Array.isArray(node)) return;
    if (isCall(node)) {
      const name = calleeName(node);
      const [argument] = node.arguments;
      const isMaker = constructors.has(name);
      if (argument && argument.type !== "SpreadElement" && (isMaker || extenders.has(name))) {
        const value = literalOf({ module, node: argument, depth: 0 }, scan.open);
        if (value?.node.type === "ObjectExpression") {
          const literal = readLiteral({ module: value.module, node: value.node }, scan);
          found.push({ ...literal, parentKey, isOpen: literal.isOpen || !isMaker });
        }
      }
    }
    const key = isProperty(node) ? (staticKey(node) ?? parentKey) : parentKey;
    for (const child of Object.values(node)) if (typeof child === "object") visit(child, key);
  };
  visit(module.program.body, undefined);
  return found;
}

interface LiteralNode {
  readonly module: ParsedModule;
  readonly node: oxc.ObjectExpression;
}

function readLiteral({ module, node }: LiteralNode, scan: Scan): Omit<SchemaLiteral, "parentKey"> {
  const parts = node.properties.map((property) =>
    property.type === "SpreadElement"
      ? readSpread(property.argument, module, scan)
      : readProperty(property, module, scan),
  );
  const docs = new Map<string, string | undefined>();
  for (const [key, doc] of parts.flatMap((part) => [...part.docs])) {
    docs.set(key, doc ?? docs.get(key)); // a key that is written again keeps what was said of it
  }
  return {
    docs,
    kind: parts.findLast(({ kind }) => kind !== undefined)?.kind,
    isOpen: parts.some(({ isOpen }) => isOpen),
  };
}

type LiteralPart = Pick<SchemaLiteral, "docs" | "kind" | "isOpen">;

function readProperty(property: oxc.ObjectProperty, module: ParsedModule, scan: Scan): LiteralPart {
  const key = staticKey(property);
  if (key === undefined) return { docs: new Map(), kind: undefined, isOpen: true };
  const kind = key === "kind" ? literalArgument(property.value) : undefined;
  return { docs: new Map([[key, docOfProperty(property, module, scan)]]), kind, isOpen: false };
}

function readSpread(argument: oxc.Expression, module: ParsedModule, scan: Scan): LiteralPart {
  const spread = spreadLiteral(argument, module, scan);
  return spread === undefined
    ? { docs: new Map(), kind: undefined, isOpen: true }
    : readLiteral(spread, scan);
}

function docOfProperty(
  { start, value }: oxc.ObjectProperty,
  module: ParsedModule,
  { open }: Scan,
): string | undefined {
  return docBefore(module, start) ?? docOfValue(value, module, open);
}

function spreadLiteral(
  argument: oxc.Expression,
  module: ParsedModule,
  { open, all }: Scan,
): LiteralNode | undefined {
  const value =
    literalOf({ module, node: argument, depth: 0 }, open) ?? ownExport(argument, module, all);
  return value?.node.type === "ObjectExpression"
    ? { module: value.module, node: value.node }
    : undefined;
}

/** `...envelopeFields`, imported from the package: one of our own modules exports it. */
function ownExport(
  node: oxc.Expression,
  module: ParsedModule,
  all: readonly ParsedModule[],
): { readonly module: ParsedModule; readonly node: oxc.Expression } | undefined {
  const imported = node.type === "Identifier" ? module.imports.get(node.name) : undefined;
  if (imported?.from !== "lockstep") return undefined;
  const owner = all.find((module) => module.exports.has(imported.name));
  const exported = owner?.exports.get(imported.name);
  return owner && exported && { module: owner, node: exported };
}

/** A field without a doc of its own has that of the constant, or of the key of a constant, that its schema begins with. */
function docOfValue(value: oxc.Expression, module: ParsedModule, open: Open): string | undefined {
  let node: oxc.Expression = value;
  while (node.type === "CallExpression" && node.callee.type === "MemberExpression") {
    node = node.callee.object;
  }
  if (node.type === "MemberExpression") return docOfMember(node, module, open);
  if (node.type !== "Identifier") return undefined;
  const { name } = node;
  const statement = module.program.body.find((one) => declares(one, name));
  return statement && docBefore(module, statement.start);
}

function docOfMember(
  { object, property }: oxc.MemberExpression,
  module: ParsedModule,
  open: Open,
): string | undefined {
  if (object.type === "Super" || property.type !== "Identifier") return undefined;
  const holder = literalOf({ module, node: object, depth: 0 }, open);
  if (holder?.node.type !== "ObjectExpression") return undefined;
  const found = holder.node.properties.find(
    (one) => one.type === "Property" && staticKey(one) === property.name,
  );
  return found && docBefore(holder.module, found.start);
}

function declares(statement: oxc.Statement | oxc.Directive, name: string): boolean {
  const declaration =
    statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declaration?.type !== "VariableDeclaration") return false;
  return declaration.declarations.some(({ id }) => id.type === "Identifier" && id.name === name);
}

/** The text in `z.literal("adamw")`. */
function literalArgument(node: oxc.Expression): unknown {
  if (node.type !== "CallExpression" || calleeName(node) !== "literal") return undefined;
  const [argument] = node.arguments;
  return argument?.type === "Literal" ? argument.value : undefined;
}

function staticKey({ key, computed }: oxc.ObjectProperty): string | undefined {
  if (!computed && key.type === "Identifier") return key.name;
  if (key.type !== "Literal") return undefined;
  return typeof key.value === "string" ? key.value : undefined;
}

function calleeName({ callee }: oxc.CallExpression): string {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type !== "MemberExpression") return "";
  return callee.property.type === "Identifier" ? callee.property.name : "";
}

function isCall(node: object): node is oxc.CallExpression {
  return "type" in node && node.type === "CallExpression";
}

function isProperty(node: object): node is oxc.ObjectProperty {
  return "type" in node && node.type === "Property" && "key" in node && "computed" in node;
}
