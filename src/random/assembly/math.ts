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
