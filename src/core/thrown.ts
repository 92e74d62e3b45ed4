/** Words for whatever was thrown. Anything can be: a text, `undefined`, an object whose getters throw themselves. */

/** Of a thrown object that is shown as JSON. */
const mostCharacters = 200;
const unshowable = "something that cannot be shown";

/** `TypeError: x is not a function` for errors, else the thrown value as text. Never throws. */
export function thrownText(thrown: unknown): string {
  return carefully(() => {
    if (!(thrown instanceof Error)) return valueText(thrown);
    const { name, message } = thrown as { readonly name: unknown; readonly message: unknown };
    return message === "" ? String(name) : `${String(name)}: ${String(message)}`;
  }, unshowable);
}

/** The message alone of an error, else the thrown value as text. Never throws. */
export function thrownMessage(thrown: unknown): string {
  return carefully(() => {
    if (!(thrown instanceof Error)) return String(thrown);
    return String((thrown as { readonly message: unknown }).message);
  }, unshowable);
}

/** `instanceof` for whatever was thrown: a proxy's traps may throw. Never throws. */
export function isThrown<T extends Error>(
  thrown: unknown,
  kind: abstract new (...parameters: never[]) => T,
): thrown is T {
  return carefully(() => thrown instanceof kind, false);
}

/** The code of an error (`ERR_REQUIRE_ASYNC_MODULE`); `undefined` where it has none. Never throws. */
export function thrownCode(thrown: unknown): string | undefined {
  return carefully(() => {
    if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
    return typeof thrown.code === "string" ? thrown.code : undefined;
  }, undefined);
}

/** The stack of an error; `undefined` where there is none to be read. Never throws. */
export function thrownStack(thrown: unknown): string | undefined {
  return carefully(() => {
    if (!(thrown instanceof Error)) return undefined;
    const stack: unknown = thrown.stack;
    return typeof stack === "string" ? stack : undefined;
  }, undefined);
}

/** A value that is no error: its JSON where its text would say nothing. */
function valueText(value: unknown): string {
  const text = String(value);
  return text === "[object Object]" ? JSON.stringify(value).slice(0, mostCharacters) : text;
}

function carefully<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
