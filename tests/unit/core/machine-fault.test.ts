import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { machineFault } from "../../../src/core/machine-fault.ts";

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, syscall: "read", errno: -5 });
}

test("a broken device, a full disk and too many open files are faults of the machine", () => {
  expect(machineFault(systemError("EIO", "EIO: i/o error, read"))).toMatchObject({
    code: "environment",
    message: "The storage device reported an error: EIO: i/o error, read.",
    hint: "Check the device (dmesg), and run the same command again.",
  });
  for (const code of ["ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE", "ENOMEM"])
    expect(machineFault(systemError(code, code))?.code).toBe("environment");
});

test("a file that is not there, and what is no error of the system, may be a bug", () => {
  const missing = thrownBy(() => readFileSync("/no/such/file"));
  expect(missing).toMatchObject({ code: "ENOENT", syscall: "open" });
  for (const error of [missing, new TypeError("x"), { code: "EIO", syscall: "read" }, undefined])
    expect(machineFault(error)).toBeUndefined();
  expect(machineFault(Object.assign(new Error("x"), { code: "EIO" }))).toBeUndefined();
  expect(machineFault(systemError("toString", "x"))).toBeUndefined();
});

function thrownBy(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
