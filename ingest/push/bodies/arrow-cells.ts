import { type Data, DataType, Precision, Vector } from 'apache-arrow';
import { LONG_MAX, LONG_MIN, toLong } from '../../../core/index.js';
import type { ValueType } from '../../../model/index.js';

/** A column of a body as input values. */
export interface ArrowColumn {
  readonly values: readonly unknown[];
  /** What they all are; null where each value speaks for itself. */
  readonly type: ValueType | null;
}

/**
 * How much may still be taken out of a body. Offsets that lie make small bodies look large: what is
 * taken out of one without dictionaries is about as large as the body itself.
 */
export class Room {
  #left: number;

  constructor(bodyBytes: number) {
    this.#left = 2 * bodyBytes + 2 ** 16;
  }

  /** Throws when so many characters or elements more are more than can be there. */
  take(count: number): void {
    this.#left -= count;
    if (!(this.#left >= 0)) throw new Error('it unpacks to more than it can hold');
  }
}

/** The cells of a column; throws when they cannot be read. */
export function cellsOf(
  vector: Vector | null,
  type: DataType,
  rowCount: number,
  room: Room,
): ArrowColumn {
  const values: unknown[] = [];
  for (const data of vector?.data ?? []) {
    const read = DataType.isDictionary(type)
      ? dictionaryReader(data, type.dictionary, room)
      : plainReader(data, type, room);
    for (let i = 0; i < data.length && values.length < rowCount; i++) values.push(read(i));
  }
  while (values.length < rowCount) values.push(null);
  return { values, type: valueTypeOf(type) };
}

type CellReader = (i: number) => unknown;

function plainReader(data: Data, type: DataType, room: Room): CellReader {
  const vector = new Vector([data]);
  const convert = converterOf(type, room);
  return (i) => {
    const value: unknown = vector.get(i);
    return value === null || value === undefined ? null : convert(value);
  };
}

/** Each value of the dictionary is read once and shared by its rows. */
function dictionaryReader(data: Data, type: DataType, room: Room): CellReader {
  const known = new Map<number, unknown>();
  const { dictionary } = data;
  if (dictionary === undefined) return () => null;
  const convert = converterOf(type, room);
  return (i) => {
    if (!data.getValid(i)) return null;
    const id = Number(data.values[i]);
    if (!known.has(id)) {
      const value: unknown = dictionary.get(id);
      known.set(id, value === null || value === undefined ? null : convert(value));
    }
    return known.get(id);
  };
}

/** What the column is known to hold. Unsigned integers may be beyond a LONG. */
function valueTypeOf(type: DataType): ValueType | null {
  if (DataType.isDictionary(type)) return valueTypeOf(type.dictionary);
  if (DataType.isInt(type)) return type.isSigned || type.bitWidth < 64 ? 'LONG' : null;
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? 'DOUBLE' : 'FLOAT';
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) ? 'STRING' : null;
}

/** How values that are not null become input values: times are dates, decimals the nearest double. */
function converterOf(type: DataType, room: Room): (value: unknown) => unknown {
  if (DataType.isTimestamp(type) || DataType.isDate(type)) {
    return (value) => new Date(Math.floor(Number(value)));
  }
  if (DataType.isDecimal(type)) return (value) => Number(`${String(value)}e-${type.scale}`);
  return (value) => toCell(value, room);
}

/** Plain values stay, bytes become base64, vectors lists, rows of structs and maps objects. */
function toCell(value: unknown, room: Room): unknown {
  if (typeof value === 'string') {
    room.take(value.length);
    return value;
  }
  if (typeof value === 'bigint') return toNumber(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) {
    room.take(value.length);
    return Buffer.from(value).toString('base64');
  }
  if (value instanceof Vector) {
    room.take(value.length);
    return Array.from(value, (element) => toCell(element, room));
  }
  return toObject(value, room);
}

function toObject(value: object, room: Room): unknown {
  // Of a map; the fields of a struct are as many as the schema says.
  if ('size' in value) room.take(Number(value.size));
  const object = 'toJSON' in value ? (value as { toJSON(): object }).toJSON() : value;
  const members = Object.entries(object);
  return Object.fromEntries(members.map(([key, member]) => [key, toCell(member, room)]));
}

const toNumber = (value: bigint): number | bigint =>
  value > LONG_MAX || value < LONG_MIN ? Number(value) : toLong(value);
