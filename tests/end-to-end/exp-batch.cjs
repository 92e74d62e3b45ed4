"use strict";
/**
 * Executes several command lines of `exp` one after the other in one process, which spares most of the time of their
 * start. Standard input is a JSON list of `{ directory, words, environment }`; file descriptor 3 takes a JSON list of
 * `{ status, text }`, with what a terminal would show.
 */
const { readFileSync, writeSync } = require("node:fs");
const { join } = require("node:path");
process.setSourceMapsEnabled(true);
require("../../src/cli/register.cjs");
globalThis[Symbol.for("lockstep.requires/1")] = true;
const { main } = require(join(__dirname, "../../src/cli/main.ts"));

async function execute({ directory, words, environment }) {
  const before = { ...process.env };
  let text = "";
  const decoder = new TextDecoder();
  const write = (chunk, ...rest) => {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk);
    for (const done of rest) if (typeof done === "function") done();
    return true;
  };
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners("error");
    stream.write = write;
  }
  process.chdir(directory);
  Object.assign(process.env, environment);
  const status = await main(words);
  for (const name of Object.keys(environment)) delete process.env[name];
  Object.assign(process.env, before);
  return { status, text };
}

async function executeAll() {
  const outcomes = [];
  for (const command of JSON.parse(readFileSync(0, "utf8"))) outcomes.push(await execute(command));
  const bytes = Buffer.from(JSON.stringify(outcomes));
  for (let at = 0; at < bytes.length;) at += writeSync(3, bytes, at);
}

void executeAll();
