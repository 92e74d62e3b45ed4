/** Files of keys: what is told of one that is not there, and of one that holds none. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPublicKey, readSigningKey } from "../../../src/app/signing.ts";
import { errorOf, temporaryFolder } from "../store/helpers.ts";

test.each([
  ["private", readSigningKey],
  ["public", readPublicKey],
] as const)(
  "a file that is not there is told so, and one without a %s key otherwise",
  (kind, read) => {
    const path = join(temporaryFolder(), "key.pem");
    const absent = errorOf(() => read(path));
    expect([absent.code, absent.message]).toEqual(["usage", `There is no file ${path}.`]);
    expect(absent.hint).toContain("openssl ");
    writeFileSync(path, "no key");
    const empty = errorOf(() => read(path));
    expect(empty.message).toContain(`${path} holds no ${kind} key: `);
  },
);
