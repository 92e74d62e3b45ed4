/** What a value diff consists of: operations that can be applied, turned round and shown. */
import type { JsonValue } from "../../core/json.ts";
import type { Path } from "../../core/path.ts";

/** Which item of a list is meant: the field that names its items, and the name. */
export interface ItemName {
  readonly field: string;
  readonly name: string;
}

/** A place in a value. */
export interface Place {
  /** In an operation: as the operations before it left the value, so that an index counts in the list of that moment. */
  readonly path: Path;
  /** The innermost named item that the path goes through or ends at: people know it by this, not by its index. */
  readonly item?: ItemName;
}

/** A field that is not there yet, or a list item that the later ones make room for. */
export interface AddOperation extends Place {
  readonly kind: "add";
  readonly value: JsonValue;
}

/** A field or list item that goes away; later items move up. It keeps the value, so that it can be turned round. */
export interface RemoveOperation extends Place {
  readonly kind: "remove";
  readonly value: JsonValue;
}

/** Another value in the same place, of whatever type. */
export interface ReplaceOperation extends Place {
  readonly kind: "replace";
  readonly before: JsonValue;
  readonly value: JsonValue;
}

/** A list item that is taken out at `path` and put in again so that its index becomes `to`. */
export interface MoveOperation extends Place {
  readonly kind: "move";
  readonly to: number;
}

export type Operation = AddOperation | RemoveOperation | ReplaceOperation | MoveOperation;
