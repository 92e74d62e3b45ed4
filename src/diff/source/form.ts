/** What an expression of an experiment's source says, as far as it can be known without running anything. */

/** A place in a source file. */
export interface SourcePlace {
  /** Relative to the repository, with slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

interface Located {
  readonly at: SourcePlace;
}

/** A number, text, boolean, `null` or `undefined`. */
export interface ValueForm extends Located {
  readonly kind: "value";
  readonly value: string | number | boolean | null | undefined;
}

export interface ObjectForm extends Located {
  readonly kind: "object";
  /** By name; a spread that is not known stands under `...` and its number. */
  readonly fields: ReadonlyMap<string, Form>;
}

export interface ListForm extends Located {
  readonly kind: "list";
  readonly items: readonly Form[];
}

/** `choice(1, 2)`, `extend(baseline, { … })`, `z.int().min(1)`. */
export interface CallForm extends Located {
  readonly kind: "call";
  readonly callee: Form;
  readonly items: readonly Form[];
}

/** `model["bert-tiny"]`, `training.with`. */
export interface MemberForm extends Located {
  readonly kind: "member";
  readonly target: Form;
  readonly name: string;
}

/** Something that is told of by itself: a definition or function of the project, or a package's export. */
export interface ReferenceForm extends Located {
  readonly kind: "reference";
  /** `experiments/baseline.ts#default`, `lockstep#choice`. */
  readonly name: string;
}

/** A function, or an expression whose value only running it would tell. */
export interface CodeForm extends Located {
  readonly kind: "code";
  /** Without formatting, comments, types and the names of its own variables; equal texts mean the same. */
  readonly meaning: string;
  /** As it is written. */
  readonly text: string;
  /** Of the project, by name: definitions and functions that it uses. */
  readonly references: readonly string[];
  /** Why its value is not known; absent for a function, which is code and nothing else. */
  readonly unknown?: string;
}

export type Form =
  ValueForm | ObjectForm | ListForm | CallForm | MemberForm | ReferenceForm | CodeForm;

/** The other name that a definition has on the other side; without one, its own. */
export type Rename = (name: string) => string;

const sameName: Rename = (name) => name;

/** One text for all forms that mean the same; places, formatting and the order of fields do not show in it. */
export function formMeaning(form: Form, rename: Rename = sameName): string {
  switch (form.kind) {
    case "value":
      return valueMeaning(form.value);
    case "object": {
      const fields = [...form.fields].map(([name, field]) => ({
        name,
        text: formMeaning(field, rename),
      }));
      const ordered = fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
      return `{${ordered.map(({ name, text }) => `${quoted(name)}:${text}`).join()}}`;
    }
    case "list":
      return `[${form.items.map((item) => formMeaning(item, rename)).join()}]`;
    case "call":
      return `${formMeaning(form.callee, rename)}(${form.items.map((item) => formMeaning(item, rename)).join()})`;
    case "member":
      return `${formMeaning(form.target, rename)}.${quoted(form.name)}`;
    case "reference":
      return `<${rename(form.name)}>`;
    case "code":
      return form.meaning.replaceAll(/<([^<>]*)>/gu, (_, name: string) => `<${rename(name)}>`);
  }
}

/** A text in which `<` stands for the beginning of a name only. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("<", String.raw`\u003c`);
}

/** Minus zero is another number to a derived value, though canonical JSON writes both as 0. */
function valueMeaning(value: ValueForm["value"]): string {
  if (typeof value === "string") return quoted(value);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Names of the project's definitions and functions that a form uses, and what they in turn are made of. */
export function referencesOf(form: Form): readonly string[] {
  switch (form.kind) {
    case "value":
      return [];
    case "object":
      return [...form.fields.values()].flatMap(referencesOf);
    case "list":
      return form.items.flatMap(referencesOf);
    case "call":
      return [form.callee, ...form.items].flatMap(referencesOf);
    case "member":
      return referencesOf(form.target);
    case "reference":
      return isOfProject(form.name) ? [form.name] : [];
    case "code":
      return form.references;
  }
}

/** A package's names begin with the package; a project's with a path that ends in `.ts` or the like. */
export function isOfProject(name: string): boolean {
  return /^[^#]+\.[cm]?[jt]sx?#/u.test(name);
}

/** A form as people write it, on one line. */
export function formText(form: Form): string {
  switch (form.kind) {
    case "value":
      return typeof form.value === "string" ? JSON.stringify(form.value) : String(form.value);
    case "object": {
      const fields = [...form.fields].map(([name, field]) =>
        name.startsWith("...") ? `...${formText(field)}` : `${keyText(name)}: ${formText(field)}`,
      );
      return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
    }
    case "list":
      return `[${form.items.map(formText).join(", ")}]`;
    case "call":
      return `${formText(form.callee)}(${form.items.map(formText).join(", ")})`;
    case "member":
      return `${formText(form.target)}${plainKey.test(form.name) ? `.${form.name}` : `[${JSON.stringify(form.name)}]`}`;
    case "reference":
      return shortName(form.name);
    case "code":
      return form.text.replaceAll(/\s+/gu, " ");
  }
}

const plainKey = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

function keyText(name: string): string {
  return plainKey.test(name) ? name : JSON.stringify(name);
}

/** `baseline` of `experiments/baseline.ts#default`, `model` of `experiments/presets/model.ts#model`. */
function shortName(reference: string): string {
  const [file = "", name = ""] = reference.split("#");
  if (name !== "default") return name;
  return (file.split("/").at(-1) ?? file).replace(/\.[cm]?[jt]sx?$/u, "");
}
