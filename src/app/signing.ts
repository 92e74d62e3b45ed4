/** Signatures with ed25519 keys: who holds the key says so. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { ExpError } from "../core/errors.ts";

/** A signature with the key that checks it; a type, so that it is JSON data. */
export type Signature = {
  /** Base64 of its DER form. */
  readonly publicKey: string;
  /** Base64. */
  readonly signature: string;
};

/**
 * A private key for signing.
 * @param path - Absolute: a PEM file, as `openssl genpkey -algorithm ed25519` writes it.
 * @throws {ExpError} `usage` for a file that holds none, or is not there.
 */
export function readSigningKey(path: string): KeyObject {
  const hint = "openssl genpkey -algorithm ed25519 -out key.pem makes one.";
  let key: KeyObject;
  try {
    key = createPrivateKey(readFileSync(path));
  } catch (error) {
    refuseAbsent(path, { error, hint });
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpError("usage", `${path} holds no private key: ${reason}.`, { hint, cause: error });
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  const found = key.asymmetricKeyType ?? "no asymmetric one";
  throw new ExpError("usage", `${path} holds a key of kind ${found}; expected ed25519.`, { hint });
}

/**
 * A public key in the form that signatures have it.
 * @param path - Absolute: a PEM file with the public or the private key.
 * @throws {ExpError} `usage` for a file that holds none, or is not there.
 */
export function readPublicKey(path: string): string {
  const hint = "openssl pkey -in key.pem -pubout -out public.pem makes one of a private key.";
  try {
    const key = createPublicKey(readFileSync(path));
    if (key.asymmetricKeyType === "ed25519") return encoded(key);
  } catch (error) {
    refuseAbsent(path, { error, hint });
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpError("usage", `${path} holds no public key: ${reason}.`, { hint, cause: error });
  }
  throw new ExpError("usage", `${path} holds no ed25519 key.`, { hint });
}

/** A file that is not there is told as such: nobody needs to look into it for a key. */
function refuseAbsent(
  path: string,
  { error, hint }: { readonly error: unknown; readonly hint: string },
): void {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOENT") return;
  throw new ExpError("usage", `There is no file ${path}.`, { hint, cause: error });
}

function encoded(key: KeyObject): string {
  return key.export({ type: "spki", format: "der" }).toString("base64");
}

/** Signs the UTF-8 of a text. */
export function signText(text: string, key: KeyObject): Signature {
  const signature = sign(null, Buffer.from(text), key);
  return { publicKey: encoded(createPublicKey(key)), signature: signature.toString("base64") };
}

/** Whether a signature is over a text, by the key that it names. */
export function isSignatureOf(text: string, { publicKey, signature }: Signature): boolean {
  try {
    const der = Buffer.from(publicKey, "base64");
    const key = createPublicKey({ key: der, type: "spki", format: "der" });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64"));
  } catch {
    return false; // not a key
  }
}
