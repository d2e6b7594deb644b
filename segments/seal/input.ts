import { type ColumnReader, castValue, type Value, type ValueType } from '../../model/index.js';
import type { ScanColumn, Segment, SegmentCursor } from '../types.js';

/** One segment that is being sealed, with the one cursor that all steps move about. */
export interface SealInput {
  readonly segment: Segment;
  readonly cursor: SegmentCursor;
  /** The number of its first row, when rows are counted through all inputs. */
  readonly base: number;
}

/** Those segments that have rows. */
export function sealInputsOf(segments: readonly Segment[]): SealInput[] {
  let base = 0;
  return segments
    .filter(({ rowCount }) => rowCount > 0)
    .map((segment) => {
      const input = { segment, cursor: segment.cursor(), base };
      base += segment.rowCount;
      return input;
    });
}

/** Reads a column as `type`: a column that has another type in this segment is cast, a missing one is null. */
export function readAs(input: SealInput, name: string, type: ValueType): () => Value {
  const reader = input.cursor.column(name);
  if (!reader.exists) return () => null;
  if (reader.type === type) return () => reader.get();
  return () => castValue(reader.get(), reader.type, type);
}

/** A column that has the type, as it lies in memory. */
export interface ColumnMemory {
  readonly scan: ScanColumn;
  readonly buffer: ArrayBufferLike;
}

/** Null where its rows can only be read through the cursor. */
export function memoryOf(
  { segment }: SealInput,
  name: string,
  reader: ColumnReader,
  type: ValueType,
): ColumnMemory | null {
  const scan = reader.exists && reader.type === type ? segment.scanColumn(name) : null;
  if (scan === null || segment.scanMemory === null) return null;
  return { scan, buffer: segment.scanMemory.memory.buffer };
}

/** An id for each row in turn. */
export function readIds({ segment, cursor }: SealInput, idOf: () => number): Uint32Array {
  const ids = new Uint32Array(segment.rowCount);
  for (let row = 0; row < ids.length; row++) {
    cursor.row = row;
    ids[row] = idOf();
  }
  return ids;
}
