/** Every rule, in the order of the documentation. */
import type { Rule } from "../rule.ts";
import { ambientClock } from "./ambient-clock.ts";
import { ambientEnvironment } from "./ambient-environment.ts";
import { ambientRandomness } from "./ambient-randomness.ts";
import { constantDuplicatesConfig } from "./constant-duplicates-config.ts";
import { deepLineage } from "./deep-lineage.ts";
import { defaultShadowsConfig } from "./default-shadows-config.ts";
import { hardCodedHyperparameter } from "./hard-coded-hyperparameter.ts";
import { missingAlias } from "./missing-alias.ts";
import { missingDescription } from "./missing-description.ts";
import { missingUnit } from "./missing-unit.ts";
import { overrideWithoutEffect } from "./override-without-effect.ts";
import { setTwice } from "./set-twice.ts";
import { suppressionReason, unusedSuppression } from "./suppression-rules.ts";
import { unreadKey } from "./unread-key.ts";
import { unusedKey } from "./unused-key.ts";

/** All rules. */
export const rules: readonly Rule[] = [
  unusedKey,
  unreadKey,
  overrideWithoutEffect,
  setTwice,
  missingAlias,
  hardCodedHyperparameter,
  constantDuplicatesConfig,
  defaultShadowsConfig,
  ambientRandomness,
  ambientClock,
  ambientEnvironment,
  missingDescription,
  missingUnit,
  deepLineage,
  suppressionReason,
  unusedSuppression,
];
