import { isNull } from '../null-bitmap.js';
import type { DimensionSchema } from '../schema.js';
import { writeSortableDouble } from '../words.js';
import type { SealInput } from './input.js';
import { doubleColumn, gatherDoubles, gatherWords, longColumn } from './number-columns.js';
import { picksOf } from './picks.js';
import { gatherRanks, type Ranks } from './ranks.js';

/** One word of the sort key of some rows, which are counted through all inputs. */
type KeyWord = (items: Uint32Array) => Uint32Array;

/**
 * What rows are ordered by in one dimension: words that compare as unsigned numbers, first word first, in the stored
 * order of the column's values, nulls first, and that are equal exactly when the values are.
 *
 *     STRING, ARRAY, COMPLEX<json>    the cell's rank
 *     LONG             0 where it is null, else 1; then the number, high word first, its sign bit flipped
 *     DOUBLE, FLOAT    likewise, the number as `writeSortableDouble` has it
 */
export function keyWordsOf(
  inputs: readonly SealInput[],
  dimension: DimensionSchema,
  ranksOf: (dimension: DimensionSchema) => Ranks | null,
): readonly KeyWord[] {
  const ranks = ranksOf(dimension);
  if (ranks !== null) return [(items) => gatherRanks(ranks, picksOf(items, inputs), items.length)];
  const { name, type } = dimension;
  return type === 'LONG'
    ? longWords(inputs, name)
    : doubleWords(inputs, name, type as 'DOUBLE' | 'FLOAT');
}

function longWords(inputs: readonly SealInput[], name: string): KeyWord[] {
  const columns = inputs.map((input) => longColumn(input, name));
  const gather = (items: Uint32Array) => gatherWords(columns, picksOf(items, inputs), items.length);
  const high: KeyWord = (items) => {
    const { words, nulls } = gather(items);
    return wordsBy(items, nulls, (i) => words[2 * i + 1]! ^ 0x80000000);
  };
  const low: KeyWord = (items) => {
    const { words, nulls } = gather(items);
    return wordsBy(items, nulls, (i) => words[2 * i]!);
  };
  return [nullWord(columns, (items) => gather(items).nulls), high, low];
}

function doubleWords(
  inputs: readonly SealInput[],
  name: string,
  type: 'DOUBLE' | 'FLOAT',
): KeyWord[] {
  const columns = inputs.map((input) => doubleColumn(input, name, type));
  const gather = (items: Uint32Array) =>
    gatherDoubles(columns, picksOf(items, inputs), items.length, type);
  const pair = new Uint32Array(2);
  const word = (which: 0 | 1): KeyWord => {
    return (items) => {
      const { values, nulls } = gather(items);
      return wordsBy(items, nulls, (i) => {
        writeSortableDouble(pair, 0, values[i]!);
        return pair[which]!;
      });
    };
  };
  return [nullWord(columns, (items) => gather(items).nulls), word(0), word(1)];
}

/** Zero where it is null, else one. */
function nullWord(
  columns: readonly { readonly nulls: Uint8Array | null }[],
  nullsOf: (items: Uint32Array) => Uint8Array | null,
): KeyWord {
  const some = columns.some(({ nulls }) => nulls !== null);
  return (items) => wordsBy(items, some ? nullsOf(items) : null, () => 1);
}

function wordsBy(
  items: Uint32Array,
  nulls: Uint8Array | null,
  wordOf: (i: number) => number,
): Uint32Array {
  const words = new Uint32Array(items.length);
  for (let i = 0; i < words.length; i++) {
    if (nulls === null || !isNull(nulls, i)) words[i] = wordOf(i);
  }
  return words;
}
