import { isColumnName, isNumericType, type ValueType } from '../../model/index.js';
import type { DimensionSchema } from '../../segments/index.js';
import type { DimensionsSpec } from '../spec/task-spec.js';
import {
  BIGINTS,
  DOUBLES,
  kindOf,
  LISTS,
  LONGS,
  NULLS,
  OTHERS,
  type RawColumn,
} from './raw-column.js';

/**
 * The dimensions of a task: the listed ones, and, where the spec asks for it, fields found in the
 * data, in order of appearance. A field counts as found at its first value that is a scalar or a
 * list of scalars, and keeps the type it showed there. Names with U+0000 are none of a column.
 */
export class DimensionList {
  readonly #dimensions: DimensionSchema[];
  readonly #known: Set<string>;

  constructor(private readonly spec: DimensionsSpec) {
    this.#dimensions = [...spec.listed];
    this.#known = new Set([...spec.listed.map(({ name }) => name), ...spec.excluded, '__time']);
  }

  /** All so far. It only grows, at its end. */
  get all(): readonly DimensionSchema[] {
    return this.#dimensions;
  }

  /** Adds the fields that the kept rows show for the first time; a null shows a text where `keepsNulls`. */
  discover(fields: ReadonlyMap<string, RawColumn>, kept: Uint32Array, keepsNulls = false): void {
    if (this.spec.discover === 'none') return;
    for (const [name, field] of fields) {
      if (this.#known.has(name) || !isColumnName(name)) continue;
      const shown = shownType(field, kept) ?? (keepsNulls && isNull(field, kept) ? 'STRING' : null);
      if (shown === null) continue;
      this.#known.add(name);
      const type = this.spec.discover === 'typed' ? shown : 'STRING';
      this.#dimensions.push({ name, type, multiValueHandling: 'SORTED_ARRAY' });
    }
  }
}

/** What the field is known or shown to be; null when it is no dimension, or not yet. */
function shownType(field: RawColumn, kept: Uint32Array): DimensionSchema['type'] | null {
  const { type, tokens } = field;
  if (type !== null) return isStorable(type) ? type : null;
  const value =
    tokens === null ? (row: number) => field.values[row] : (row: number) => tokens.value(row);
  const kind = firstKind(value, kept);
  return kind === null ? null : typeOf(kind);
}

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

const isStorable = (type: ValueType): type is DimensionSchema['type'] =>
  type === 'STRING' || isNumericType(type);

function firstKind(valueAt: (row: number) => unknown, kept: Uint32Array): number | null {
  for (let i = 0; i < kept.length; i++) {
    const value = valueAt(kept[i]!);
    const kind = kindOf(value, false);
    if (kind !== NULLS && isFlat(value, kind)) return kind;
  }
  return null;
}

/** Nested objects, and lists that hold objects or lists, are never discovered. */
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

function typeOf(kind: number): DimensionSchema['type'] {
  if (kind === LONGS || kind === BIGINTS) return 'LONG';
  return kind === DOUBLES ? 'DOUBLE' : 'STRING';
}
