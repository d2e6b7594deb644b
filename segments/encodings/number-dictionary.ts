import type { Long } from '../../core/index.js';
import type { ColumnReader, Value } from '../../model/index.js';
import type { ColumnEntry } from '../format/directory.js';
import { isNull } from '../null-bitmap.js';
import { readLong } from '../words.js';
import { checkBlocks, countParameter, narrow, writeNulls } from './checks.js';
import { type Content, unsignedContent } from './content.js';
import { type ContentFault, checkMost } from './content-checks.js';
import {
  codeWidth,
  dictionaryBytes,
  distinctNumbers,
  type NumberVector,
  valueBytes,
} from './distinct.js';
import type { AttachedColumn, BlockSink, Encoding, Position, WrittenColumn } from './encoding.js';
import type { LoadedColumn } from './loaded-column.js';
import type { DoubleVector, Facts, FloatVector, LongVector } from './vector.js';

/**
 * Few numbers, each of which many rows hold, as codes into a dictionary. None of them is -0 or NaN, so that numbers are
 * equal exactly where their codes are.
 *
 *     parameters  size: entries of the dictionary, 1 to 65,536
 *     values      size × i64, f64 or f32, ascending
 *     codes       rowCount × u8, or × u16 where there are more than 256 entries; 0 in null rows
 *     nulls       null bitmap, only where there are nulls
 */
function dictionaryOf<V extends NumberVector>(
  name: string,
  kind: V['kind'],
  content: Content,
): Encoding<V> {
  return {
    name,
    kind,
    rowBlocks: ['codes'],

    estimateBytes(vector: V, facts: Facts): number | null {
      const distinct = distinctNumbers(vector, facts);
      return distinct === null ? null : dictionaryBytes(kind, distinct.size, vector.rowCount);
    },

    write(vector: V, facts: Facts, sink: BlockSink): WrittenColumn {
      const { size, bytes, codes } = distinctNumbers(vector, facts)!;
      sink.block('values', [bytes]);
      sink.block('codes', [narrow(codes, codeWidth(size))]);
      writeNulls(vector.nulls, sink);
      const hasNulls = vector.nulls !== null;
      return { parameters: { size }, hasNulls, cardinality: size + (hasNulls ? 1 : 0) };
    },

    check(entry: ColumnEntry, rowCount: number): string | null {
      const size = countParameter(entry, 'size');
      if (size === null || size < 1 || size > 2 ** 16) return 'want a size from 1 to 65536';
      const expected = { values: valueBytes(kind) * size, codes: codeWidth(size) * rowCount };
      return checkBlocks(entry, rowCount, expected, 'may have nulls');
    },

    contents(entry: ColumnEntry): Readonly<Record<string, Content>> {
      return { values: content, codes: unsignedContent(codeWidth(countParameter(entry, 'size')!)) };
    },

    checkContent(column: LoadedColumn): ContentFault {
      const size = countParameter(column.entry, 'size')!;
      return (
        checkNumbers(numbersOf(kind, column), size) ??
        checkMost(column, 'codes', codeWidth(size), size - 1)
      );
    },

    attach(column: LoadedColumn): AttachedColumn {
      const size = countParameter(column.entry, 'size')!;
      const width = codeWidth(size);
      const codes = width === 1 ? column.u8('codes') : column.u16('codes');
      const nulls = column.nulls();
      const numberOf = numbersOf(kind, column);
      return {
        reader: (position) => new CodeReader(kind, position, codes, numberOf, nulls),
        scan: {
          type: kind,
          layout: 'codes',
          width,
          address: column.address('codes'),
          nulls: column.nullsAddress(),
          base: 0,
          unit: 1,
          size,
          values: column.address('values'),
          texts: null,
        },
      };
    },
  };
}

export const longDictionary = dictionaryOf<LongVector>('long.dictionary', 'LONG', 'i64');
export const doubleDictionary = dictionaryOf<DoubleVector>('double.dictionary', 'DOUBLE', 'f64');
export const floatDictionary = dictionaryOf<FloatVector>('float.dictionary', 'FLOAT', 'f32');

/** Ascending, so that none is -0 behind 0 or NaN; -0 alone is refused, too. */
function checkNumbers(numberOf: (code: number) => Long, size: number): ContentFault {
  for (let code = 0; code < size; code++) {
    const number = numberOf(code);
    const isAbove = code === 0 ? !Number.isNaN(number) : number > numberOf(code - 1);
    if (!isAbove || Object.is(number, -0)) return `value ${code} is ${number}`;
  }
  return null;
}

function numbersOf(kind: NumberVector['kind'], column: LoadedColumn): (code: number) => Long {
  if (kind === 'LONG') {
    const words = column.u32('values');
    return (code) => readLong(words, 2 * code);
  }
  const values = kind === 'DOUBLE' ? column.f64('values') : column.f32('values');
  return (code) => values[code]!;
}

class CodeReader implements ColumnReader {
  readonly multiValue = false;
  readonly exists = true;

  constructor(
    readonly type: NumberVector['kind'],
    private readonly position: Position,
    private readonly codes: Uint8Array | Uint16Array,
    private readonly numberOf: (code: number) => Long,
    private readonly nulls: Uint8Array | null,
  ) {}

  get(): Value {
    const { row } = this.position;
    if (this.nulls !== null && isNull(this.nulls, row)) return null;
    return this.numberOf(this.codes[row]!);
  }
}
