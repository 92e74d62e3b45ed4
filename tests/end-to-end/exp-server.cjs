"use strict";
/**
 * Executes command lines of `exp` in this process, each when it is asked for, until standard input ends. A line of standard
 * input is `{ directory, words, environment }`, a line of file descriptor 3 `{ status, stdout, stderr }`.
 */
const { writeSync } = require("node:fs");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
process.setSourceMapsEnabled(true);
require("../../src/cli/register.cjs");
globalThis[Symbol.for("lockstep.requires/1")] = true;
const { main } = require(join(__dirname, "../../src/cli/main.ts"));

/** Puts what is written to a stream into a list of texts, whatever an earlier command line made of the stream. */
function capture(stream) {
  const texts = [];
  const decoder = new TextDecoder();
  stream.removeAllListeners("error");
  stream.write = (chunk, ...rest) => {
    texts.push(typeof chunk === "string" ? chunk : decoder.decode(chunk));
    for (const done of rest) if (typeof done === "function") done();
    return true;
  };
  return texts;
}

async function execute({ directory, words, environment }) {
  const before = { ...process.env };
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  process.chdir(directory);
  Object.assign(process.env, environment);
  const status = await main(words);
  for (const name of Object.keys(environment)) delete process.env[name];
  Object.assign(process.env, before);
  process.chdir(__dirname); // the project may be removed before the next command line comes
  return { status, stdout: stdout.join(""), stderr: stderr.join("") };
}

async function serve() {
  for await (const line of createInterface({ input: process.stdin })) {
    const bytes = Buffer.from(`${JSON.stringify(await execute(JSON.parse(line)))}\n`);
    for (let at = 0; at < bytes.length;) at += writeSync(3, bytes, at);
  }
  process.exit();
}

void serve();
