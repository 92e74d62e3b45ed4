/**
 * AssemblyScript, compiled to WebAssembly: elementary functions whose bits depend on nothing but their arguments.
 * They are those of AssemblyScript's own standard library; engines are free to differ in theirs.
 */

export function exp(x: f64): f64 {
  return NativeMath.exp(x);
}

export function log(x: f64): f64 {
  return NativeMath.log(x);
}

export function pow(base: f64, exponent: f64): f64 {
  return NativeMath.pow(base, exponent);
}

export function sin(x: f64): f64 {
  return NativeMath.sin(x);
}

export function cos(x: f64): f64 {
  return NativeMath.cos(x);
}

export function tanh(x: f64): f64 {
  return NativeMath.tanh(x);
}

export function acos(x: f64): f64 {
  return NativeMath.acos(x);
}

export function acosh(x: f64): f64 {
  return NativeMath.acosh(x);
}

export function asin(x: f64): f64 {
  return NativeMath.asin(x);
}

export function asinh(x: f64): f64 {
  return NativeMath.asinh(x);
}

export function atan(x: f64): f64 {
  return NativeMath.atan(x);
}

export function atan2(y: f64, x: f64): f64 {
  return NativeMath.atan2(y, x);
}

export function atanh(x: f64): f64 {
  return NativeMath.atanh(x);
}

export function cosh(x: f64): f64 {
  return NativeMath.cosh(x);
}

export function expm1(x: f64): f64 {
  return NativeMath.expm1(x);
}

export function log1p(x: f64): f64 {
  return NativeMath.log1p(x);
}

export function log2(x: f64): f64 {
  return NativeMath.log2(x);
}

export function log10(x: f64): f64 {
  return NativeMath.log10(x);
}

export function sinh(x: f64): f64 {
  return NativeMath.sinh(x);
}

export function tan(x: f64): f64 {
  return NativeMath.tan(x);
}
