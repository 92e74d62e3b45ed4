import { deserialize, serialize } from "node:v8";
import { expect, test } from "vitest";
import { ExpError } from "../../../src/core/errors.ts";
import {
  errorMessage,
  isFromWorker,
  isToWorker,
  receivedError,
} from "../../../src/engine/protocol.ts";

/** As a message arrives. */
function sent(error: unknown): Error {
  return receivedError(
    deserialize(serialize(errorMessage(error))) as ReturnType<typeof errorMessage>,
  );
}

test("an error of the user arrives with its code, hint and issues", () => {
  const issues = [{ path: ["a", 0], message: "is wrong", value: "1" }];
  const error = new ExpError("config", "Two things.", { hint: "Do this.", issues });
  expect(sent(error)).toMatchObject({
    name: "ExpError",
    code: "config",
    message: "Two things.",
    hint: "Do this.",
    issues,
  });
});

test("a bug arrives with its stack, and whatever else was thrown as text", () => {
  const bug = new TypeError("no such thing");
  expect(sent(bug)).not.toBeInstanceOf(ExpError);
  expect(sent(bug)).toMatchObject({ message: "no such thing", stack: bug.stack });
  expect(sent(7).message).toBe("7");
});

test("what a task sends over the channel is not taken for ours", () => {
  for (const foreign of [null, 1, "done", {}, { kind: "hello" }, []]) {
    expect(isFromWorker(foreign)).toBe(false);
    expect(isToWorker(foreign)).toBe(false);
  }
  expect(isFromWorker({ kind: "done" })).toBe(true);
  expect(isToWorker({ kind: "execute" })).toBe(true);
});
