#!/usr/bin/env node
"use strict";
/**
 * The `exp` command. CommonJS on purpose: `register.cjs` lets tsx transform TypeScript in this very thread, which starts
 * a cold process about 90 ms sooner than `node --import tsx`. It runs from `src` in the repository and from
 * `dist` in the packed package, and loads the command line and the experiments through one module registry.
 */
function start() {
  process.setSourceMapsEnabled(true);
  require("./register.cjs");
  globalThis[Symbol.for("lockstep.requires/1")] = true; // for src/core/load-later
  const { existsSync } = require("node:fs");
  const { join } = require("node:path");
  const source = join(__dirname, "main.ts");
  require(existsSync(source) ? source : join(__dirname, "main.cjs"))
    .main(process.argv.slice(2))
    .then((status) => {
      process.exitCode = status;
      tellStrays();
      // What a task left open, a timer or a program, must not keep a finished command from ending.
      setTimeout(() => process.exit(), 1_000).unref();
    });
}

/** What a task left behind may fail after its run was published: that is told in a line, and changes no exit status. */
function tellStrays() {
  const tell = (error) => {
    const text = error instanceof Error ? error.message : String(error);
    process.stderr.write(`After the end, an error came that nobody waited for: ${text}\n`);
  };
  process.on("uncaughtException", tell);
  process.on("unhandledRejection", tell);
}

const [word, ...rest] = process.argv.slice(2);
if (word === "__complete") require("./complete.cjs").main(rest, process.cwd());
else start();
