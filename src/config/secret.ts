/** Secrets: a config names the environment variable that holds one, and only a run reads it. */
import { ExpError } from "../core/errors.ts";
import { isSecret, type Secret } from "../core/secret-reference.ts";
import { minSecretLength, registerSecret, registerSecretNames } from "../core/secrets.ts";
import { processVariable, variableName } from "../core/variables.ts";
import { callSite, type CallSite } from "./call-site.ts";
import { orStandIn } from "./collect-misuses.ts";
import { describeValue, misuse } from "./misuse.ts";

/**
 * A secret that a run reads from an environment variable with `readSecret`. The config keeps the name alone; the value
 * is never resolved, hashed, logged or saved. The field must be a `secretField()`.
 * @param name - Of the environment variable: letters, digits and `_`.
 * @throws {ExpError} `config` for anything that cannot name a variable; the text is not repeated.
 * @example service: { token: secret("HF_TOKEN") }
 */
export function secret(name: string): Secret {
  const call = callSite(secret);
  return orStandIn(
    () => secretNamed(name, call),
    () => referenceTo("NOTED"),
  );
}

function secretNamed(candidate: unknown, call: CallSite): Secret {
  if (typeof candidate !== "string" || !variableName.test(candidate)) {
    const found = typeof candidate === "string" ? "another text" : describeValue(candidate);
    throw misuse(
      call,
      `secret() takes the name of an environment variable (letters, digits and _), found ${found}.`,
      "The value itself must not be written down: put it into the environment.",
    );
  }
  registerSecretNames([candidate]); // from here on, whatever goes wrong does not print it
  return referenceTo(candidate);
}

function referenceTo(name: string): Secret {
  // Without a prototype it cannot be joined to a text by mistake: "Bearer " + secret(…) throws.
  const reference: object = Object.create(null, {
    $secret: { value: name, enumerable: true },
  }) as object;
  return Object.freeze(reference) as Secret;
}

/**
 * The value of a secret, from the environment. Call it in a task's `run`, as late as possible: from then on the value is
 * taken out of every text that Lockstep writes.
 * @param reference - What the config holds.
 * @throws {ExpError} `environment` where the variable is not set or too short to be kept out of texts.
 * @throws {ExpError} `config` for what is no reference to a secret.
 */
export function readSecret(reference: Secret): string {
  if (!isSecret(reference)) {
    throw misuse(
      callSite(readSecret),
      "readSecret() takes a secret of the config.",
      "Hand it config.….token, a secretField() of the task's schema.",
    );
  }
  const name = reference.$secret;
  const value = processVariable(name) ?? "";
  const problem = secretProblem(name, value);
  if (problem !== undefined) throw new ExpError("environment", `${problem}.`, { hint: howToSet });
  registerSecret(name, value);
  return value;
}

/** What to do about a secret that cannot be read. */
export const howToSet =
  "Set it in the environment of exp, and never in a config or on a command line.";

/** Why a variable holds no secret, as the beginning of a sentence; `undefined` for one that does. */
export function secretProblem(name: string, value: string | undefined): string | undefined {
  const length = value?.trim().length ?? 0;
  if (length === 0) return `The environment variable ${name}, which holds a secret, is not set`;
  if (length >= minSecretLength) return undefined;
  return `The environment variable ${name} holds fewer than ${minSecretLength} characters, which cannot be kept out of texts`;
}
