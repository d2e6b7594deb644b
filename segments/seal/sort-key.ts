import type { Long } from '../../core/index.js';
import type { DimensionSchema } from '../schema.js';
import { writeSortableDouble, writeSortableLong } from '../words.js';
import { type CellRanks, rankCells } from './cell-ranks.js';
import { readAs, type SealInput } from './input.js';

/**
 * Part of a sort key: some words that compare as unsigned numbers, first word first, in the stored
 * order of the column's values, nulls first, and that are equal exactly when the values are.
 */
export interface KeyPart {
  readonly words: number;
  /** Writes the words of the row that the input's cursor stands on. */
  write(keys: Uint32Array, at: number): void;
}

/** One column that rows are ordered by, in every input. */
export interface KeyColumn {
  readonly parts: readonly KeyPart[];
  /** The merged dictionary of a string column. */
  readonly ranks: CellRanks | null;
}

/** Truncated `__time`. */
export function timeKey(
  inputs: readonly SealInput[],
  truncate: (timeMs: number) => number,
): KeyColumn {
  const part = ({ cursor }: SealInput): KeyPart => ({
    words: 2,
    write: (keys, at) => writeSortableLong(keys, at, truncate(cursor.timeMs())),
  });
  return { parts: inputs.map(part), ranks: null };
}

export function dimensionKey(inputs: readonly SealInput[], dimension: DimensionSchema): KeyColumn {
  const { name, type } = dimension;
  if (type === 'STRING') return stringKey(rankCells(inputs, name));
  const put = type === 'LONG' ? writeSortableLong : writeSortableNumber;
  return { parts: inputs.map((input) => numberPart(input, dimension, put)), ranks: null };
}

function stringKey(ranks: CellRanks): KeyColumn {
  const parts = ranks.sources.map((source, i): KeyPart => {
    const rankOf = ranks.rankOf[i]!;
    return {
      words: 1,
      write: (keys, at) => {
        keys[at] = rankOf[source.id()]!;
      },
    };
  });
  return { parts, ranks };
}

function numberPart(
  input: SealInput,
  { name, type }: DimensionSchema,
  put: (keys: Uint32Array, at: number, value: Long) => void,
): KeyPart {
  const read = readAs(input, name, type);
  return {
    words: 3,
    write: (keys, at) => {
      const value = read();
      keys[at] = value === null ? 0 : 1;
      if (value === null) keys.fill(0, at + 1, at + 3);
      else put(keys, at + 1, value as Long);
    },
  };
}

const writeSortableNumber = (keys: Uint32Array, at: number, value: Long): void =>
  writeSortableDouble(keys, at, Number(value));

/** Negative, zero or positive as words [a, a+width) of `left` are before, at or behind [b, b+width) of `right`. */
export function compareKeys(
  left: Uint32Array,
  a: number,
  right: Uint32Array,
  b: number,
  width: number,
): number {
  for (let i = 0; i < width; i++) {
    const x = left[a + i]!;
    const y = right[b + i]!;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
