/**
 * base to a whole, non-negative exponent by repeated squaring: multiplications only, so the bits are equal in every
 * engine, and a resumed run has the same powers as an unbroken one.
 */
export function integerPower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}
