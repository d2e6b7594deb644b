import { autoColumnType, isColumnName, isNumericType, joinAutoTypes } from '../../model/index.js';
import { autoDimension, type DimensionSchema } from '../../segments/index.js';
import type { DimensionsSpec } from '../spec/task-spec.js';
import { autoTypeOf } from './auto-types.js';
import { kindOf, LISTS, NULLS, OTHERS, type RawColumn } from './raw-column.js';

/** The fields of a batch. */
export interface ShownFields {
  /** As the input gives them. */
  readonly raw: ReadonlyMap<string, RawColumn>;
  /** With what transforms make of them. */
  readonly fields: ReadonlyMap<string, RawColumn>;
  /** Whether a null shows that there is a field. */
  readonly keepsNulls: boolean;
}

/**
 * The dimensions of a task: the listed ones, and, where the spec asks for it, fields found in the
 * data, in order of appearance. Names with U+0000 are none of a column.
 *
 *   strings   a field counts as found at its first value that is a scalar or a list of scalars
 *   typed     at its first value; it is an `auto` dimension from there on
 *
 * An `auto` dimension, found or listed, widens as rows come that do not fit; rows so far stay what they are.
 */
export class DimensionList {
  #dimensions: readonly DimensionSchema[];
  readonly #known: Set<string>;

  constructor(private readonly spec: DimensionsSpec) {
    this.#dimensions = spec.listed;
    this.#known = new Set([...spec.listed.map(({ name }) => name), ...spec.excluded, '__time']);
  }

  /** All so far: another list whenever they change. It grows at its end. */
  get all(): readonly DimensionSchema[] {
    return this.#dimensions;
  }

  /** Takes over what the kept rows show. */
  discover({ raw, fields, keepsNulls }: ShownFields, kept: Uint32Array): void {
    this.#widen(fields, kept);
    if (this.spec.discover === 'none') return;
    const found: DimensionSchema[] = [];
    for (const [name, field] of raw) {
      if (this.#known.has(name) || !isColumnName(name)) continue;
      const isTyped = this.spec.discover === 'typed';
      const auto = isTyped ? autoTypeOf(field, kept) : 'NOTHING';
      const isFound = isTyped ? auto !== 'NOTHING' : showsText(field, kept);
      if (!isFound && !(keepsNulls && isNull(field, kept))) continue;
      this.#known.add(name);
      found.push(isTyped ? autoDimension(name, auto) : textDimension(name));
    }
    if (found.length > 0) this.#dimensions = [...this.#dimensions, ...found];
  }

  #widen(fields: ReadonlyMap<string, RawColumn>, kept: Uint32Array): void {
    let isChanged = false;
    const dimensions = this.#dimensions.map((dimension) => {
      const { name, auto } = dimension;
      const field = auto === undefined ? undefined : fields.get(name);
      if (auto === undefined || field === undefined) return dimension;
      const wider = joinAutoTypes(auto, autoTypeOf(field, kept));
      if (wider === auto) return dimension;
      isChanged = true;
      return { ...dimension, type: autoColumnType(wider), auto: wider };
    });
    if (isChanged) this.#dimensions = dimensions;
  }
}

const textDimension = (name: string): DimensionSchema => ({
  name,
  type: 'STRING',
  multiValueHandling: 'SORTED_ARRAY',
});

/** Whether the field is there and null in all rows that have it. */
function isNull({ values }: RawColumn, kept: Uint32Array): boolean {
  let isThere = false;
  for (const row of kept) {
    const value = values[row];
    if (value !== null && value !== undefined) return false;
    isThere ||= value === null;
  }
  return isThere;
}

/** Whether the field is known or shown to hold what texts are made of. */
function showsText(field: RawColumn, kept: Uint32Array): boolean {
  const { type, tokens } = field;
  if (type !== null) return type === 'STRING' || isNumericType(type);
  const valueAt = (row: number) => (tokens === null ? field.values[row] : tokens.value(row));
  for (let i = 0; i < kept.length; i++) {
    const value = valueAt(kept[i]!);
    const kind = kindOf(value, false);
    if (kind !== NULLS && isFlat(value, kind)) return true;
  }
  return false;
}

/** No nested objects, and no lists that hold objects or lists. */
function isFlat(value: unknown, kind: number): boolean {
  if (kind === LISTS) {
    return (value as readonly unknown[]).every((element) => isFlat(element, elementKind(element)));
  }
  if (kind !== OTHERS || typeof value === 'boolean') return true;
  return value instanceof Date || value instanceof Uint8Array;
}

/** A list inside a list is as little a scalar as an object is. */
function elementKind(element: unknown): number {
  const kind = kindOf(element, false);
  return kind === LISTS ? OTHERS : kind;
}
