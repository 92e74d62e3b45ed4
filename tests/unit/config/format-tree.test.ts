import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatTree } from "../../../src/config/format-tree.ts";
import { OverrideError } from "../../../src/config/override-cursor.ts";
import { parseTree } from "../../../src/config/override-parser.ts";
import {
  floatNode,
  integerNode,
  type ElementNode,
  type KeyNode,
  type NumberNode,
  type ValueNode,
} from "../../../src/config/override-tree.ts";
import { parseValue } from "../../../src/config/override-value.ts";

function parse(text: string): ValueNode {
  return parseTree({ text, index: 0, position: 0 });
}

/** A tree without the places where its parts stood. */
function placeless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(placeless);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      key === "position" ? [] : [[key, placeless(item)]],
    ),
  );
}

/** Reads what was printed, and prints it again. */
function expectStable(tree: ValueNode): void {
  const text = formatTree(tree);
  const again = parse(text);
  expect({ text, tree: placeless(again) }).toEqual({ text, tree: placeless(tree) });
  expect(formatTree(again)).toBe(text);
}

const at = { position: 0 };
const anyText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("null", "1", "inf", "a\\", 'b\\"', "\\\\", "'", " a ", "a=b", "f(x)", "-", "a:b"),
  fc.stringMatching(/^[ab\\'"$ ,=:()[\]{}]*$/),
);
const isLiteral = (text: string): boolean => !text.includes("${");
const quoted = fc.record({
  kind: fc.constant("text" as const),
  text: anyText.filter(isLiteral),
  quote: fc.constantFrom("single" as const, "double" as const),
  position: fc.constant(0),
});
const cast = anyText.filter(isLiteral).map((text) => ({ kind: "text" as const, text, ...at }));
const number: fc.Arbitrary<NumberNode> = fc.oneof(
  fc.maxSafeInteger().map((value) => integerNode(value, 0)),
  fc.bigInt().map((value) => integerNode(value, 0)),
  fc.double().map((value) => floatNode(value, 0)),
);
const scalar: fc.Arbitrary<KeyNode> = fc.oneof(
  fc.constant({ kind: "null" as const, written: "null", ...at }),
  fc.boolean().map((value) => ({ kind: "boolean" as const, value, written: String(value), ...at })),
  number,
  quoted,
);
const forbidden = new Set(["__proto__", "constructor", "prototype"]);
const key = scalar.filter((node) => node.kind !== "text" || !forbidden.has(node.text));
const { element } = fc.letrec<{ element: ElementNode }>((tie) => ({
  element: fc.oneof(
    { depthSize: "small" },
    scalar,
    cast,
    fc.array(tie("element")).map((items) => ({ kind: "list" as const, items, ...at })),
    fc
      .array(fc.tuple(key, tie("element")))
      .map((entries) => ({ kind: "dict" as const, entries, ...at })),
  ),
}));
const tags = fc
  .uniqueArray(anyText.filter(isLiteral), { maxLength: 3 })
  .map((texts) => texts.toSorted((one, other) => (one < other ? -1 : 1)));
const shuffle = fc.option(fc.record({ seed: fc.nat() }), { nil: undefined });
const optional = <T>(name: string, value: T | undefined): Record<string, T> =>
  value === undefined ? {} : { [name]: value };
const sweep: fc.Arbitrary<ValueNode> = fc.oneof(
  fc
    .tuple(fc.array(element, { minLength: 2 }), fc.boolean(), shuffle, tags)
    .map(([items, isSimple, order, names]) => ({
      kind: "choice" as const,
      items: isSimple && order === undefined ? items : items.map(unquoted),
      isSimple: isSimple && names.length === 0,
      tags: names,
      ...at,
      ...optional("shuffle", order),
    }))
    .map((choice) => (choice.isSimple ? choice : { ...choice, items: choice.items.map(unquoted) })),
  fc.tuple(number, number, number, shuffle, tags).map(([start, stop, step, order, names]) => ({
    kind: "range" as const,
    start,
    stop,
    step,
    tags: names,
    ...at,
    ...optional("shuffle", order),
  })),
  fc.tuple(fc.array(anyText, { minLength: 1 }), fc.array(anyText)).map(([include, exclude]) => ({
    kind: "glob" as const,
    include,
    exclude,
    ...at,
  })),
);

/** Functions take quoted texts as plain ones. */
function unquoted(node: ElementNode): ElementNode {
  return node.kind === "text" ? { kind: "text", text: node.text, ...at } : node;
}

test("trees are printed so that they are read back: numbers, quotes, keys, sweeps, any text", () => {
  fc.assert(fc.property(fc.oneof(element, sweep), expectStable), { numRuns: 400, seed: 1 });
});

const signs = fc.constantFrom(
  ...Array.from("ab10._-+ \t,:=[]{}()'\"\\$é😀"),
  ..."${a} ${a.b[0]} \\${ null true 1e5 inf nan range(1,4) choice( sort( shuffle( tag(x,".split(
    " ",
  ),
  ..."int( str( reverse=true seed=2 linspace(0,1,3) interval(0,1) glob(a*) {1:x,null:y}".split(" "),
  "'\\${x}'",
  "'a ${b} c'",
);

test("every text that is read is printed so that it is read back", () => {
  let numRead = 0;
  fc.assert(
    fc.property(fc.array(signs, { minLength: 1, maxLength: 7 }), (parts) => {
      const tree = attempt(parts.join(""), parse);
      if (tree === undefined) return;
      numRead++;
      expectStable(tree);
    }),
    { numRuns: 3000, seed: 2 },
  );
  expect(numRead).toBeGreaterThan(500);
});

test("every text is read, or refused at a place inside of it", () => {
  const text = fc.oneof(
    fc.array(signs, { maxLength: 20 }).map((parts) => parts.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(text, (value) => {
      attempt(value, (one) => parseValue({ text: one, index: 0, position: 0 }));
    }),
    { numRuns: 1000, seed: 3 },
  );
});

/** `undefined` where the text is refused; anything but an error with a place inside of the text is rethrown. */
function attempt<T>(text: string, read: (text: string) => T): T | undefined {
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof OverrideError)) throw error;
    const isInside = error.position >= 0 && error.position <= text.length;
    if (!isInside || error.problem === "") throw new Error(`nowhere in ${text}`, { cause: error });
    return undefined;
  }
}

test.each([
  ["1_000", "1_000"],
  ["float(1)", "1.0"],
  ["int('7')", "7"],
  ["a\\ ", "a\\ "],
  ["[ 'a' , \"b\" ]", "['a',\"b\"]"],
  ["choice('a',b)", 'choice(str("a"),b)'],
  ["shuffle(3,1,seed=2)", "shuffle(3,1,seed=2)"],
  ["tag(b,a,range(3))", 'tag("a","b",range(0,3,1))'],
  ["int(interval(0,9))", "int(interval(0,9))"],
  ["linspace(0,1,3)", "linspace(0,1,3)"],
  ["str($\\{a\\})", "str(\\${a})"],
  ['\\${"#}x', '\\${"#}x'],
  ["str('x ${a}')", 'str("x ${a}")'],
])("%s is printed as %s", (text, printed) => {
  expect(formatTree(parse(text))).toBe(printed);
});
