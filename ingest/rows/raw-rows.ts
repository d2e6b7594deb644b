import {
  type ColumnReader,
  type ColumnVector,
  type DictionaryReader,
  isArrayType,
  isComplexType,
  NULL_READER,
  type RowCursor,
  type Scalar,
  scalarText,
  type Value,
  type ValueType,
} from '../../model/index.js';
import { DOUBLE, LONG, WIDE } from '../input/ndjson/tags.js';
import type { TokenColumn } from '../input/ndjson/token-column.js';
import { cellReader } from './cell-column.js';
import { canonicalLong, ownValue, toTextCell } from './coerce.js';
import {
  BIGINTS,
  DOUBLES,
  isOnly,
  isTyped,
  kindsOf,
  LISTS,
  LONGS,
  NULLS,
  OTHERS,
  type RawColumn,
  TEXTS,
} from './raw-column.js';
import { tokenCells } from './token-cells.js';

/**
 * The fields of a batch as rows: what transforms, filters and metrics read. `__time` is the row's
 * parsed time. A field's type is what the whole batch shows: LONG when all its values are whole
 * numbers, DOUBLE when they are numbers, else STRING with every value as text.
 */
export class RawRows implements RowCursor {
  row = 0;
  readonly #readers = new Map<string, ColumnReader>();
  readonly #kinds = new Map<string, number>();

  constructor(
    readonly rowCount: number,
    private readonly times: Float64Array,
    private readonly fields: ReadonlyMap<string, RawColumn>,
  ) {}

  column(name: string): ColumnReader {
    let reader = this.#readers.get(name);
    if (reader === undefined) {
      reader = this.#open(name);
      this.#readers.set(name, reader);
    }
    return reader;
  }

  /** The field by each value's own type, for `compileUntyped`. */
  untyped(name: string): ColumnReader {
    const field = this.fields.get(name);
    if (name === '__time' || field === undefined || isTyped(field)) return this.column(name);
    const { values } = field;
    return {
      type: 'STRING',
      multiValue: true,
      exists: true,
      get: () => ownValue(values[this.row]),
    };
  }

  /** The field as texts, of each value by itself; what is no plain value stays as it is. */
  texts(name: string): ColumnReader {
    const reader = this.column(name);
    const { type, multiValue } = reader;
    if (type === 'STRING' || isComplexType(type)) return reader;
    const base = {
      type: 'STRING',
      multiValue: multiValue || isArrayType(type),
      exists: true,
    } as const;
    const field = this.fields.get(name);
    if (name === '__time' || field === undefined || isTyped(field)) {
      return { ...base, get: () => textOf(reader.get(), type) };
    }
    const { values, doubles } = field;
    const get = () => toTextCell(values[this.row], doubles !== null && doubles[this.row] === 1);
    return { ...base, get };
  }

  /** Whether all values of the field have one type, so that the batch's type is each value's own. */
  isUniform(name: string): boolean {
    const field = this.fields.get(name);
    if (name === '__time' || field === undefined || isTyped(field)) return true;
    const kinds = this.#kindsOf(name);
    return [LONGS | BIGINTS, DOUBLES, TEXTS | OTHERS].some((one) => isOnly(kinds, one | NULLS));
  }

  #kindsOf(name: string): number {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const field = this.fields.get(name);
    const kinds = field === undefined ? 0 : kindsOf(field);
    this.#kinds.set(name, kinds);
    return kinds;
  }

  /** Tokens of one kind; null where each value must be looked at. */
  #openTokens(tokens: TokenColumn): ColumnReader | null {
    const cells = tokenCells(typeOfTokens(tokens), tokens);
    if (cells === null) return null;
    const reader = cellReader(cells, this);
    if (reader.type === 'LONG') return { ...reader, get: () => asLong(reader.get()) };
    const { vector } = cells;
    // Ids are worth a table of their values only where most of them occur.
    if (vector?.kind !== 'ids' || vector.dictionary.size > this.rowCount) return reader;
    const { ids, dictionary } = vector;
    const texts: DictionaryReader = {
      size: dictionary.size,
      id: () => ids[this.row]!,
      value: (id) => dictionary.value(id),
    };
    return { ...reader, dictionary: texts };
  }

  #open(name: string): ColumnReader {
    const { times } = this;
    if (name === '__time') {
      const vector: ColumnVector = { kind: 'integers', values: times, nulls: null };
      const get = () => times[this.row]!;
      return { type: 'LONG', multiValue: false, exists: true, get, vector };
    }
    const field = this.fields.get(name);
    if (field === undefined) return NULL_READER;
    const base = { multiValue: false, exists: true };
    const fast = field.tokens === null ? null : this.#openTokens(field.tokens);
    if (fast !== null) return fast;
    const { values, doubles } = field;
    if (isTyped(field)) {
      return { ...base, type: field.type, get: () => (values[this.row] ?? null) as Value };
    }
    const kinds = this.#kindsOf(name);
    if (kinds !== NULLS && isOnly(kinds, NULLS | LONGS | BIGINTS | DOUBLES)) {
      const type = (kinds & DOUBLES) === 0 ? 'LONG' : 'DOUBLE';
      const number = type === 'LONG' ? asLong : asDouble;
      return { ...base, type, get: () => number(values[this.row]) };
    }
    if (isOnly(kinds, NULLS | TEXTS)) {
      return { ...base, type: 'STRING', get: () => (values[this.row] as string) ?? null };
    }
    return {
      type: 'STRING',
      multiValue: (kinds & LISTS) !== 0,
      exists: true,
      get: () => toTextCell(values[this.row], doubles !== null && doubles[this.row] === 1),
    };
  }
}

function typeOfTokens(tokens: TokenColumn): 'LONG' | 'DOUBLE' | 'STRING' {
  if (tokens.hasOnly(LONG | WIDE)) return 'LONG';
  return tokens.hasOnly(LONG | DOUBLE) ? 'DOUBLE' : 'STRING';
}

function textOf(cell: Value, type: ValueType): Value {
  if (!Array.isArray(cell)) return scalarText(cell as Scalar, type);
  return cell.map((element: Scalar) => scalarText(element, type));
}

function asLong(value: unknown): Scalar {
  if (typeof value === 'number') return value + 0;
  return typeof value === 'bigint' ? canonicalLong(value) : null;
}

const asDouble = (value: unknown): Scalar =>
  value === null || value === undefined ? null : Number(value);
