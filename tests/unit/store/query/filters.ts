/** Filters that properties try. */
import { constantFrom, letrec, oneof, tuple, type Arbitrary } from "fast-check";

const numbers = ["<", "<=", ">", ">=", "=", "!="];
const atom = oneof(
  tuple(
    constantFrom(
      "optimizer.learningRate",
      "validation.accuracy",
      "test.loss",
      "min(train.loss)",
      "seed",
    ),
    constantFrom(...numbers),
    constantFrom("0", "1", "1e-3", "0.5", "70%", "3e-4"),
  ).map((parts) => parts.join(" ")),
  tuple(
    constantFrom("optimizer.kind", "git.branch", "experiment", "model.kind"),
    constantFrom("=", "!=", "~", "!~", "contains", "<", ">="),
    constantFrom("adamw", "ADAM", "main", "experiment-1", "bert", "i"),
  ).map((parts) => parts.join(" ")),
  constantFrom("git.dirty", "not git.dirty", "data.maxSamples = null", "data.maxSamples != null"),
  constantFrom("optimizer.kind in (lion, sgd)", "seed not in (1, 2)", "schedule.kind = null"),
);
/** Filters over what made-up runs have, as texts. */
export const filters: Arbitrary<string> = letrec<{ filter: string }>((tie) => ({
  filter: oneof(
    { depthSize: "small", withCrossShrink: true },
    atom,
    tuple(tie("filter"), tie("filter")).map(([a, b]) => `(${a}) and (${b})`),
    tuple(tie("filter"), tie("filter")).map(([a, b]) => `(${a}) or (${b})`),
    tie("filter").map((inner) => `not (${inner})`),
  ),
})).filter;
