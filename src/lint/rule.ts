/** What a rule is, and what it is given. */
import type { ts } from "ts-morph";
import type { SourceModule, SourceModules } from "../diff/source/modules.ts";
import type { EvaluatedExperiment } from "./evaluated.ts";
import type { RuleId } from "./rule-ids.ts";

/** A change of a text. */
export interface Edit {
  /** Relative to the project, with forward slashes. */
  readonly file: string;
  /** Offsets in UTF-16 code units; what lies between them is replaced. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Offset of the object that something is taken out of: edits of one object are made one after the other. */
  readonly within?: number;
}

/** Something that a rule found. */
export interface Problem {
  readonly module: SourceModule;
  readonly node: ts.Node;
  /** What was found, and what to do: one or two sentences. */
  readonly message: string;
  /** What mends it without changing what any experiment resolves to; absent where a person has to decide. */
  readonly edits?: readonly Edit[];
}

/** Numbers that rules hold sources against. */
export interface LintLimits {
  /** Most definitions in a chain of `extend`, the first one counted. */
  readonly lineage: number;
  /** Most literals along a chain that write one path. */
  readonly writes: number;
  /** Parts of a path from which on it counts as deep. */
  readonly aliasDepth: number;
  /** Changes of a deep path from which on it should have a short name. */
  readonly aliasUses: number;
}

/** What rules look at. */
export interface LintProject {
  readonly modules: SourceModules;
  /** What is told of lies in these. */
  readonly linted: readonly SourceModule[];
  /** These and everything of the project that they import. */
  readonly reached: readonly SourceModule[];
  readonly limits: LintLimits;
  /** Fields that every task has: Lockstep itself reads them. */
  readonly envelopeKeys: ReadonlySet<string>;
  /** Experiments as they were evaluated; none where nothing may be run. */
  readonly experiments: readonly EvaluatedExperiment[];
}

/** One rule. */
export interface Rule {
  /** In kebab case; suppressions, settings and reports name it so. */
  readonly id: RuleId;
  /** What goes wrong where it is not kept, in one sentence. */
  readonly reason: string;
  /** A short piece of code that it finds, and one that it does not. */
  readonly bad: string;
  readonly good: string;
  /** `--fix` mends some of what it finds. */
  readonly hasFix: boolean;
  /** It looks at what experiments resolve to; `--static` leaves it out. */
  readonly needsEvaluation: boolean;
  check(project: LintProject): readonly Problem[];
}
