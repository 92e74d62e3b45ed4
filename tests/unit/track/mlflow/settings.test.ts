/** Where MLflow is, from options and variables; names and batches as it takes them. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { batchesOf } from "../../../../src/track/mlflow/batches.ts";
import { mlflowKey, mlflowValue } from "../../../../src/track/mlflow/names.ts";
import { mlflowAccess, mlflowExperiment } from "../../../../src/track/mlflow/settings.ts";
import { errorOf } from "../../store/helpers.ts";

test("an option goes before the variable; user and password of the address are used and not told", () => {
  const variables = { MLFLOW_TRACKING_URI: "http://a:5000/", MLFLOW_EXPERIMENT_NAME: "x" };
  expect(mlflowAccess(variables)).toEqual({ url: "http://a:5000" });
  expect(mlflowAccess(variables, "https://me:p%40ss@b/prefix/")).toEqual({
    url: "https://b/prefix",
    authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
  });
  expect(mlflowExperiment(variables)).toBe("x");
  expect(mlflowExperiment(variables, "y")).toBe("y");
  expect(mlflowExperiment({})).toBeUndefined();
});

test("user and token of the variables", () => {
  const url = "http://a";
  expect(mlflowAccess({ MLFLOW_TRACKING_TOKEN: "t" }, url).authorization).toBe("Bearer t");
  const both = { MLFLOW_TRACKING_TOKEN: "t", MLFLOW_TRACKING_USERNAME: "u" };
  expect(mlflowAccess(both, url).authorization).toBe("Basic dTo=");
  const error = errorOf(() => mlflowAccess({ MLFLOW_TRACKING_TOKEN: "s3cret\n" }, url));
  expect(`${error.message} ${error.hint ?? ""}`).not.toContain("s3cret");
});

test.each(["", "sqlite:///m.db", "./mlruns", "databricks", "file:///tmp/a"])(
  "%j is no address of a server",
  (url) => {
    const error = errorOf(() => mlflowAccess({}, url));
    expect(error).toMatchObject({ code: "usage" });
    expect(error.hint).toContain("http://127.0.0.1:5000");
  },
);

test("a password in a wrong address is not told", () => {
  expect(errorOf(() => mlflowAccess({}, "ftp://me:s3cret@host/x")).message).not.toContain("s3cret");
});

test("keys are what MLflow takes, and two names never become one", () => {
  const name = fc.string({ unit: "binary", maxLength: 20 });
  const property = fc.property(name, name, (one, other) => {
    for (const text of [one, `../${one}`, `${one}//`, one.repeat(20), "", ".", "/"]) {
      const key = mlflowKey(text);
      expect(key).toMatch(/^[A-Za-z0-9_\-. /]{1,250}$/u);
      expect(key.split("/").some((part) => part === "" || part === "." || part === "..")).toBe(
        false,
      );
    }
    expect(mlflowKey(one) === mlflowKey(other)).toBe(one === other);
  });
  fc.assert(property);
  expect(mlflowKey("optimizer.learningRate")).toBe("optimizer.learningRate");
  expect(mlflowKey("train/loss 1")).toBe("train/loss 1");
});

test("values are whole Unicode of at most the length, and what differs goes on to differ", () => {
  expect(mlflowValue("a\0\ud800", 40)).toBe("a\u{fffd}\u{fffd}");
  const long = `${"x".repeat(49)}${"😀".repeat(100)}`;
  for (const length of [60, 61, 62, 63]) {
    const cut = mlflowValue(long, length);
    expect(cut.length).toBeLessThanOrEqual(length);
    expect(Buffer.from(cut).toString("utf8")).toBe(cut);
  }
  expect(mlflowValue(`${long}a`, 60)).not.toBe(mlflowValue(`${long}b`, 60));
});

test("batches hold all in order, and fit", () => {
  const items = Array.from({ length: 300 }, (_, index) => ({ index, text: "ü".repeat(10_000) }));
  const batches = batchesOf(items, 100);
  expect(batches.flat()).toEqual(items);
  for (const batch of batches) {
    expect(batch.length).toBeLessThanOrEqual(100);
    expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(1_000_000);
  }
  expect(batchesOf([], 5)).toEqual([]);
});
