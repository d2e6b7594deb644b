import type { Dimension, Granularity, Value } from '../../model/index.js';
import type { CodeColumn } from '../compiler/columns.js';
import { bucketFinder } from '../interpreter/buckets.js';
import { DimensionValues } from '../interpreter/group-table.js';
import { BucketNumbers } from './bucket-numbers.js';
import { type KnownCodes, MOST_CODES, type Numbering } from './known-keys.js';
import { codesAt, countOf, type RecordBatch } from './record-batch.js';
import { knownLookups } from './tree-records.js';

/** By record a number below `size`; each of these is there. */
export interface Numbered {
  readonly numbers: Uint32Array;
  readonly size: number;
}

/** The values of records in what they are grouped by: `values` by number, each once. */
export interface RecordKey<V = Value> extends Numbered {
  readonly values: readonly V[];
}

/** Records of a tree that have a code in what they are grouped by. */
interface CodedBatch<V> {
  readonly batch: RecordBatch;
  readonly column: CodeColumn;
  readonly value: (code: number) => V;
}

/** Null for cells that may have several values. */
export function dimensionKey(
  batches: readonly RecordBatch[],
  dimension: Dimension,
  known: KnownCodes<Value>,
): RecordKey | null {
  const remembered = rememberedNumbers(batches, known);
  if (remembered !== null) return keyOf(batches, remembered, known);
  const coded: CodedBatch<Value>[] = [];
  let arePlain = true;
  for (const batch of batches) {
    const { columns } = batch.tree;
    const column = columns.onlyCodes(dimension.inputs);
    const source = column && columns.over(column);
    const reader = dimension.reader(source ?? batch.scan.source);
    if (reader.multiValue) return null;
    if (column === null || source === null) continue;
    arePlain &&= areDistinct(column) && source.column(column.name) === reader;
    const value = (code: number): Value => {
      source.code = code;
      return reader.get();
    };
    coded.push({ batch, column, value });
  }
  if (coded.length < batches.length) {
    return keyByRecord(batches, new DimensionValues(), ({ scan }) => {
      const reader = dimension.reader(scan.source);
      return () => reader.get();
    });
  }
  return coded.length === 1 && arePlain ? plainKey(coded[0]!) : numberedKey(coded, known);
}

/** Whether no two codes stand for the same value, for certain. */
const areDistinct = ({ scan }: CodeColumn): boolean => scan.texts !== null || scan.type === 'LONG';

/** The starts of the buckets of records. */
export function timeKey(
  batches: readonly RecordBatch[],
  granularity: Granularity,
  known: KnownCodes<number>,
): RecordKey<number> {
  const remembered = rememberedNumbers(batches, known);
  if (remembered !== null) return keyOf(batches, remembered, known);
  const bucketOf = bucketFinder(granularity);
  const coded: CodedBatch<number>[] = [];
  for (const batch of batches) {
    const column = batch.tree.columns.codes('__time');
    if (column === null) {
      return keyByRecord(
        batches,
        new BucketNumbers(),
        ({ scan }) =>
          () =>
            bucketOf(scan.cursor.timeMs()),
      );
    }
    coded.push({ batch, column, value: (code) => bucketOf(column.value(code) as number) });
  }
  return numberedKey(coded, known);
}

/** Where some tree has no codes. `readerOf` reads a record of a batch, on which its cursor stands. */
function keyByRecord<V>(
  batches: readonly RecordBatch[],
  values: Numbering<V>,
  readerOf: (batch: RecordBatch) => () => V,
): RecordKey<V> {
  const numbers = new Uint32Array(countOf(batches));
  for (const batch of batches) {
    const { scan, records, from } = batch;
    const read = readerOf(batch);
    for (let i = 0; i < records.length; i++) {
      scan.cursor.row = records[i]!;
      numbers[from + i] = values.ordinal(read());
    }
  }
  return { numbers, values: values.all, size: values.all.length };
}

/** Of one tree, where each code is a value of its own. */
function plainKey({ batch: { tree, records }, column }: CodedBatch<Value>): RecordKey {
  const numbers = codesAt(tree.segment, column, records);
  const values: Value[] = [];
  // By code: its number + 1; 0 where it has not come up.
  const known = new Uint32Array(column.size);
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i]!;
    if (known[code] === 0) known[code] = values.push(column.value(code));
    numbers[i] = known[code]! - 1;
  }
  return { numbers, values, size: values.length };
}

/** Of trees whose codes are not each other's. */
function numberedKey<V>(coded: readonly CodedBatch<V>[], known: KnownCodes<V>): RecordKey<V> {
  const keys = known.forCodes(
    coded.reduce((sum, { batch, column }) => sum + Math.min(column.size, batch.records.length), 0),
  );
  const isKept = coded.reduce((sum, { column }) => sum + column.size, 0) <= MOST_CODES;
  const numbers = coded.map((each) => numbersAcross(each, keys, isKept));
  return keyOf(
    coded.map(({ batch }) => batch),
    numbers,
    keys,
  );
}

/** By record, the number of its value across trees + 1; of records that are remembered these are, too. */
function numbersAcross<V>(
  { batch, column, value }: CodedBatch<V>,
  keys: KnownCodes<V>,
  isKept: boolean,
): Uint32Array {
  const { segment } = batch.tree;
  const numbers = codesAt(segment, column, batch.records);
  const ofTree = isKept ? keys.ofTree(segment, column.size) : new Uint32Array(column.size);
  for (let i = 0; i < numbers.length; i++) {
    const code = numbers[i]!;
    let number = ofTree[code]!;
    if (number === 0) {
      number = keys.number(value(code)) + 1;
      ofTree[code] = number;
    }
    numbers[i] = number;
  }
  const remembered = rememberedOf(batch);
  if (remembered !== null && knownLookups.takes(numbers.byteLength)) {
    remembered.set(keys.generation, numbers);
  }
  return numbers;
}

/** By batch; null where some are not remembered. */
function rememberedNumbers<V>(
  batches: readonly RecordBatch[],
  { generation }: KnownCodes<V>,
): readonly Uint32Array[] | null {
  const found: Uint32Array[] = [];
  for (const batch of batches) {
    const numbers = rememberedOf(batch)?.get(generation);
    if (numbers === undefined) return null;
    found.push(numbers);
  }
  return found;
}

/** Null where records are not remembered. */
const rememberedOf = ({ tree: { whole }, records }: RecordBatch) =>
  whole !== null && whole.passing === records ? whole.keys : null;

/** Only some of the values that are known are those of these records: they are numbered as they first come up. */
function keyOf<V>(
  batches: readonly RecordBatch[],
  across: readonly Uint32Array[],
  { values }: KnownCodes<V>,
): RecordKey<V> {
  const numbers = new Uint32Array(countOf(batches));
  const there: V[] = [];
  // By number across trees + 1: the new number + 1; 0 where it has not come up.
  const renumbered = new Uint32Array(values.length + 1);
  for (let batch = 0; batch < batches.length; batch++) {
    const { from } = batches[batch]!;
    const old = across[batch]!;
    for (let i = 0; i < old.length; i++) {
      const number = old[i]!;
      if (renumbered[number] === 0) renumbered[number] = there.push(values[number - 1]!);
      numbers[from + i] = renumbered[number]! - 1;
    }
  }
  return { numbers, values: there, size: there.length };
}
