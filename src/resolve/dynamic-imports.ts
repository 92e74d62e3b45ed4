/**
 * `import()` of TypeScript inside users' tasks. The command line transforms `require` alone, which starts it 90 ms
 * sooner; the loader for `import()` costs a thread, so it is put in only when something is about to run.
 */

let isRegistered = false;

/** Lets code that runs from now on `import()` TypeScript modules. Does nothing outside the command line, or twice. */
export async function allowDynamicImports(): Promise<void> {
  if (isRegistered || !(Symbol.for("lockstep.requires/1") in globalThis)) return;
  isRegistered = true;
  const { register } = await import("tsx/esm/api"); // its CommonJS twin looks for its loader in the wrong folder
  register();
}
