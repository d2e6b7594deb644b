import { murmur3Of } from '../../core/index.js';
import type { HyperLogLog } from '../../sketches/index.js';
import { type ColumnReader, memoised } from '../rows.js';
import { scalarText } from '../text.js';
import { elementType, isArrayType, type Scalar, type Value, type ValueType } from '../types.js';

const SEED = 0;

/** Adds the distinct values of the current cell to a sketch. */
export type CellAdder = (sketch: HyperLogLog) => void;

/** Adds each element of a cell that is not null; hashes are made once per distinct cell. */
export function elementAdder(reader: ColumnReader): CellAdder {
  const hashes = memoised(reader, (cell) =>
    elementTexts(cell, reader.type).flatMap((text) => (text === null ? [] : [hashOf(text)])),
  );
  return (sketch) => {
    for (const hash of hashes()) sketch.addHash(hash);
  };
}

/** Adds the tuple of the current cells; null is a value like others, lists count regardless of order. */
export function tupleAdder(readers: readonly ColumnReader[]): CellAdder {
  const keys = readers.map((reader) =>
    memoised(reader, (cell) => JSON.stringify(elementTexts(cell, reader.type).sort())),
  );
  return (sketch) => sketch.addText(keys.map((key) => key()).join());
}

function hashOf(text: string): Uint32Array {
  const hash = new Uint32Array(4);
  murmur3Of(text, SEED, hash);
  return hash;
}

function elementTexts(cell: Value, type: ValueType): (string | null)[] {
  const scalarType = isArrayType(type) ? elementType(type) : type;
  const elements = Array.isArray(cell) ? (cell as readonly Scalar[]) : [cell as Scalar];
  return elements.map((value) => scalarText(value, scalarType));
}
