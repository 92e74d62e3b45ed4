import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { float64Hex } from "../../../src/core/number-text.ts";
import { cos, exp, log, pow, sin, tanh } from "../../../src/random/math.ts";

const functions = { exp, log, sin, cos, tanh };
type Name = keyof typeof functions;

/** Distance in steps between neighbouring float64; both arguments must be finite. */
function stepsApart(a: number, b: number): number {
  const [left, right] = [a, b].map((value) => {
    const bits = BigInt(`0x${float64Hex(value)}`);
    return bits >> 63n === 0n ? bits : -(bits & ~(1n << 63n));
  });
  const distance = (left ?? 0n) - (right ?? 0n);
  return Number(distance < 0n ? -distance : distance);
}

describe("close to the engine's own functions, which differ between engines in the last bit", () => {
  // Domain, and the largest distance that errors below 1 step on both sides can make (tanh: 2 on ours).
  test.each<[Name, fc.Arbitrary<number>, number]>([
    ["exp", fc.double({ min: -700, max: 700, noNaN: true }), 2],
    ["log", fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }), 2],
    ["sin", fc.double({ min: -1e6, max: 1e6, noNaN: true }), 2],
    ["cos", fc.double({ min: -1e6, max: 1e6, noNaN: true }), 2],
    ["tanh", fc.double({ min: -30, max: 30, noNaN: true }), 3],
  ])("%s", (name, domain, limit) => {
    fc.assert(
      fc.property(domain, (x) => {
        expect(stepsApart(functions[name](x), Math[name](x))).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 1000 },
    );
  });

  test("pow", () => {
    const base = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    const exponent = fc.double({ min: -50, max: 50, noNaN: true });
    fc.assert(
      fc.property(base, exponent, (x, y) => {
        expect(Math.abs(pow(x, y) / x ** y - 1)).toBeLessThan(1e-13); // V8's own pow is the worse one
      }),
      { numRuns: 1000 },
    );
  });
});

test.each<[string, number, number]>([
  ["exp(0)", exp(0), 1],
  ["exp(-Infinity)", exp(-Infinity), 0],
  ["exp(710)", exp(710), Infinity],
  ["exp(-746)", exp(-746), 0],
  ["exp(NaN)", exp(NaN), NaN],
  ["log(1)", log(1), 0],
  ["log(0)", log(0), -Infinity],
  ["log(-1)", log(-1), NaN],
  ["log(Infinity)", log(Infinity), Infinity],
  ["pow(2, 10)", pow(2, 10), 1024],
  ["pow(0.9, 0)", pow(0.9, 0), 1],
  ["pow(NaN, 0)", pow(NaN, 0), 1],
  ["pow(1, Infinity)", pow(1, Infinity), NaN], // as ECMAScript has it, unlike C
  ["pow(-8, 1/3)", pow(-8, 1 / 3), NaN],
  ["pow(0, -1)", pow(0, -1), Infinity],
  ["sin(0)", sin(0), 0],
  ["sin(-0)", sin(-0), -0],
  ["sin(Infinity)", sin(Infinity), NaN],
  ["cos(0)", cos(0), 1],
  ["tanh(0)", tanh(0), 0],
  ["tanh(-Infinity)", tanh(-Infinity), -1],
  ["tanh(40)", tanh(40), 1],
])("%s", (_name, value, expected) => {
  expect(value).toBe(expected);
});

test("the bits are pinned: the functions are the same in every engine and release", () => {
  const points = [1e-9, 0.1, 0.5, 1, 2.75, 22, 1e5];
  const rows = Object.entries(functions).map(
    ([name, evaluate]) => `${name} ${points.map((x) => float64Hex(evaluate(x))).join(" ")}`,
  );
  rows.push(`pow ${points.map((x) => float64Hex(pow(x, 0.999))).join(" ")}`);
  expect(rows.join("\n")).toMatchInlineSnapshot(`
    "exp 3ff000000044b830 3ff1aec7b35a00d4 3ffa61298e1e069c 4005bf0a8b145769 402f49070bdbe8fd 41eab5adb9c43600 7ff0000000000000
    log c034b927f32bffb8 c0026bb1bbb55515 bfe62e42fefa39ef 0000000000000000 3ff02f84700434a8 4008ba74773dc5c8 4027069e2aa2aa5b
    sin 3e112e0be826d695 3fb98eaecb8bcb2c 3fdeaee8744b05f0 3feaed548f090cee 3fd86d2239c183fb bf8220a29f6eb9f4 3fa24daa9c527e96
    cos 3ff0000000000000 3fefd712f9a817c1 3fec1528065b7d50 3fe14a280fb5068c bfed93e294faed14 bfefffadd8d4acda bfeffac3841b3da7
    tanh 3e112e0be826d695 3fb983d7795f413a 3fdd9353d7568af3 3fe85efab514f394 3fefbd509ae7ae3e 3ff0000000000000 3ff0000000000000
    pow 3e118a23ab6acd8e 3fb9a8b525d0be89 3fe002d711c79a96 3ff0000000000000 4005fa4e38288d4d 4035ee9e3d8ec70a 40f82274f3924ca7"
  `);
});

test("known values to the last bit: e, ln 2, sin 1, cos 1, tanh 1/2, √2", () => {
  // Each is the float64 nearest to the exact value, from 40 decimal digits.
  const values = [exp(1), log(2), sin(1), cos(1), tanh(0.5), pow(2, 0.5)];
  expect(values.map(String)).toEqual([
    "2.718281828459045",
    "0.6931471805599453",
    "0.8414709848078965",
    "0.5403023058681398",
    "0.46211715726000974",
    "1.4142135623730951",
  ]);
});
