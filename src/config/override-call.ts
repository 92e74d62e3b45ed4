/** Calls in the value of an override, `choice(1,2)`: the functions that there are. */
import { InternalError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import { castCall } from "./override-casts.ts";
import { overrideError, shortText, type Cursor } from "./override-cursor.ts";
import { bindCall, type BoundCall, type Signature, type WrittenCall } from "./override-function.ts";
import { shuffleCall, sortCall } from "./override-order.ts";
import {
  choiceCall,
  globCall,
  intervalCall,
  rangeCall,
  spacingCall,
  tagCall,
} from "./override-sweeps.ts";
import type { ValueNode } from "./override-tree.ts";

interface FunctionFacts extends Signature {
  readonly evaluate: (call: BoundCall) => ValueNode;
}

const cast: FunctionFacts = { onlyNamed: ["value"], evaluate: castCall };

const functions: ReadonlyMap<string, FunctionFacts> = new Map<string, FunctionFacts>([
  ["choice", { evaluate: choiceCall }],
  ["range", { positional: ["start", "stop", "step"], evaluate: rangeCall }],
  ["linspace", { positional: ["start", "stop", "count"], evaluate: spacingCall }],
  ["logRange", { positional: ["start", "stop", "count"], evaluate: spacingCall }],
  ["interval", { positional: ["start", "end"], evaluate: intervalCall }],
  ["glob", { positional: ["include", "exclude"], evaluate: globCall }],
  ["tag", { onlyNamed: ["sweep"], evaluate: tagCall }],
  ["sort", { onlyNamed: ["sweep", "list", "reverse"], evaluate: sortCall }],
  ["shuffle", { onlyNamed: ["sweep", "list", "seed"], evaluate: shuffleCall }],
  ["int", cast],
  ["float", cast],
  ["str", cast],
  ["bool", cast],
]);

/** What to write in place of functions that Hydra 1.4 has, and has announced to take away again in 1.5. */
const leftOut: ReadonlyMap<string, string> = new Map([
  ["extend_list", "Items are appended with +=: tags+=[a,b]."],
  ["json_str", "Quote the JSON text itself: 'note=\"[1, 2]\"'."],
]);

/**
 * Refuses the names of unknown functions, before their arguments are read.
 * @throws {ExpError} `usage`
 */
export function requireKnownFunction(cursor: Cursor, name: string, position: number): void {
  if (functions.has(name)) return;
  const instead = leftOut.get(name);
  if (instead !== undefined) {
    const message = `${name}() is not known here.`;
    throw overrideError(cursor, { position, message, hint: instead });
  }
  const names = [...functions.keys()];
  const meant = nearest(name, names);
  const suggestion = meant === undefined ? "" : ` Did you mean ${meant}()?`;
  throw overrideError(cursor, {
    position,
    message: `there is no function ${shortText(name)}(); known are ${names.join(", ")}.${suggestion}`,
    hint: "Quote the value if it is a text with brackets.",
  });
}

/**
 * The value of a call of a known function.
 * @throws {ExpError} `usage` for wrong arguments, each at its place.
 */
export function evaluateCall(call: WrittenCall): ValueNode {
  const facts = functions.get(call.name);
  if (facts === undefined) throw new InternalError(`no function ${call.name}: it was not checked`);
  return facts.evaluate(bindCall(call, facts));
}
