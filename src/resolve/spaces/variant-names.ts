/**
 * The names of the axes of `variants`, and which of their alternatives the command line chooses: `variant=small`.
 * Without a name of its own the first axis is `variant`, the next `variant2`.
 */
import { markerData } from "../../config/markers.ts";
import type { Override } from "../../config/override.ts";
import { nearest } from "../../core/suggest.ts";
import type { Place, Report } from "../problems.ts";
import { writtenAt } from "../type-value.ts";

export interface VariantNamesRequest {
  readonly overrides: readonly Override[];
  /** Whether a name means something else on the command line: a field, an alias, a group of profiles. */
  readonly isTaken: (name: string) => boolean;
  readonly report: Report;
}

/** One `variants` that is to be named. */
export interface VariantsCall {
  /** The name that its author gave. */
  readonly axis: string | undefined;
  /** Of its alternatives. */
  readonly names: readonly string[];
  readonly place: Place;
}

/** Names axes, and remembers what was chosen. */
export class VariantNames {
  private readonly request: VariantNamesRequest;
  private readonly known = new Map<string, Set<string>>();

  constructor(request: VariantNamesRequest) {
    this.request = request;
  }

  /**
   * The name of the axis, which is added to `used`.
   * @param used - The names along the way through the definition on which this one stands.
   */
  nameAxis({ axis, names, place }: VariantsCall, used: Set<string>): string {
    const name = axis ?? this.freeName(used);
    const isField = axis !== undefined && this.request.isTaken(axis);
    if (isField || used.has(name)) {
      const why = isField
        ? "means something else on the command line"
        : "names another one already";
      const message = `variants(): the axis name ${JSON.stringify(name)} ${why}; choose a name of its own`;
      this.request.report({ path: [], message, place });
    }
    used.add(name);
    const known = this.known.get(name) ?? new Set<string>();
    for (const one of names) known.add(one);
    this.known.set(name, known);
    return name;
  }

  /** Whether runs with this alternative are asked for. */
  isChosen(axis: string, name: string): boolean {
    const choice = this.request.overrides.findLast((override) => isFor(override, axis));
    return choice === undefined || chosenNames(choice).includes(name);
  }

  /** What is left of the command line; names that no alternative has are reported. Asked when all axes have names. */
  otherOverrides(): readonly Override[] {
    return this.request.overrides.filter((override) => {
      const axis = [...this.known.keys()].find((name) => isFor(override, name));
      if (axis === undefined || this.request.isTaken(axis)) return true;
      this.reportUnknown(override, [...(this.known.get(axis) ?? [])]);
      return false;
    });
  }

  private freeName(used: ReadonlySet<string>): string {
    for (let count = 1; ; count++) {
      const name = count === 1 ? "variant" : `variant${count}`;
      if (!used.has(name) && !this.request.isTaken(name)) return name;
    }
  }

  private reportUnknown(override: Override, known: readonly string[]): void {
    const path = override.key;
    const source = { kind: "commandLine", text: override.text } as const;
    const place = {
      kind: "layer",
      layer: { label: "command line", patch: undefined, source },
      path,
    } as const;
    for (const name of chosenNames(override)) {
      if (known.includes(name)) continue;
      const suggestion = nearest(name, known);
      const message = `has no variant ${JSON.stringify(name)}; there are ${known.join(", ")}`;
      this.request.report({
        path,
        message,
        place,
        ...(suggestion === undefined ? {} : { suggestion }),
      });
    }
  }
}

function isFor({ key, operation }: Override, axis: string): boolean {
  return operation === "set" && key.length === 1 && key[0] === axis;
}

function chosenNames({ value, written }: Override): readonly string[] {
  const marker = markerData(value);
  const list = marker?.kind === "choice" ? marker.values : value;
  if (!Array.isArray(list)) return [textOf(value, written)];
  return list.map((item: unknown, index) => textOf(item, writtenAt(written, index)));
}

function textOf(value: unknown, written: Override["written"]): string {
  return typeof written === "string" ? written : String(value);
}
