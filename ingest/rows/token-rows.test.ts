import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toLong } from '../../core/index.js';
import { draws, expectSame } from '../../core/testing.js';
import type { ColumnReader, ColumnVector, Value } from '../../model/index.js';
import { type BatchColumn, type InputBatch, valuesOf } from '../input/batch.js';
import { JsonReader } from '../input/formats/json-reader.js';
import { jsonBytes } from '../input/ndjson/json-lines-testing.js';
import { BatchReader } from './batch-reader.js';
import { overInputs } from './metric-input.js';
import { specOf, type TestSpec } from './testing.js';

/** A batch of each content, as the tokenizer gives it; valid until the next. */
function* tokensOf(
  reader: JsonReader,
  contents: readonly Uint8Array[],
): Generator<InputBatch, void> {
  for (const lines of contents) {
    const [batch] = reader.read({ pieces: [lines], bad: [], bytes: lines.length });
    yield batch!;
    for (const _ of reader.end());
  }
}

/** The same values, each by itself. */
const plainOf = (batch: InputBatch): InputBatch => ({
  ...batch,
  columns: new Map<string, BatchColumn>(
    [...batch.columns].map(([name, column]) => [name, Array.from(valuesOf(column))]),
  ),
});

const isNullAt = (nulls: Uint8Array | null, row: number): boolean =>
  nulls !== null && ((nulls[row >> 3]! >> (row & 7)) & 1) === 1;

/** What a vector says of a row. */
function vectorValue(vector: ColumnVector, row: number): Value {
  if (vector.kind === 'ids') return vector.dictionary.value(vector.ids[row]!);
  if (isNullAt(vector.nulls, row)) return null;
  if (vector.kind !== 'longs') return vector.values[row]!;
  const [low, high] = [vector.words[2 * row]!, vector.words[2 * row + 1]!];
  return toLong((BigInt(high | 0) << 32n) | BigInt(low));
}

/** Reads a column in all its ways. */
function cellAt(reader: ColumnReader, row: number): Value {
  const cell = reader.get();
  const { vector, dictionary } = reader;
  if (vector !== undefined) {
    const value = vectorValue(vector, row);
    // Both are 0 as soon as they are stored.
    if (reader.type === 'LONG' && value === 0) expectSame(cell === 0, true);
    else expectSame(value, cell);
  }
  if (dictionary !== undefined) expectSame(dictionary.value(dictionary.id()), cell);
  return cell;
}

const METRICS = [
  { type: 'longSum', name: 'sum', fieldName: 'a' },
  { type: 'doubleMax', name: 'max', fieldName: 'b' },
  { type: 'stringLast', name: 'last', fieldName: 'a' },
  { type: 'hyperUnique', name: 'unique', fieldName: 'b' },
  { type: 'longMin', name: 'least', expression: 'a + 1' },
];

const spec = fc.record({
  dimensions: fc.constantFrom<NonNullable<TestSpec['dimensions']>[]>(
    {},
    { a: 'STRING', b: 'STRING', time: 'STRING' },
    { a: 'LONG', b: 'DOUBLE' },
    { a: 'DOUBLE', b: 'FLOAT' },
    { a: 'FLOAT', b: 'LONG', none: 'STRING' },
  ),
  discover: fc.constantFrom('none' as const, 'strings' as const, 'typed' as const),
  timeFormat: fc.constantFrom('auto', 'iso', 'millis', 'posix', "yyyy-MM-dd'T'HH:mm:ss'Z'"),
  metrics: fc.constant(METRICS),
  transforms: fc.constantFrom<Record<string, string>[]>({}, { t: "concat(a, '!')" }),
  filter: fc.constantFrom(
    { type: 'true' },
    { type: 'not', field: { type: 'selector', dimension: 'b', value: 'true' } },
  ),
});

function everything(
  test: TestSpec & { timeFormat: string },
  batches: Iterable<InputBatch>,
): unknown[] {
  const timestamp = { column: 'time', format: test.timeFormat, missingValue: '2020-01-01' };
  const task = { ...specOf(test), timestamp };
  const reader = new BatchReader(task);
  // One after the other: a batch is valid until the next.
  return Array.from(batches, (batch) => {
    const { cursor, times, kept, fates } = reader.read(batch);
    const names = ['__time', ...reader.dimensions.map(({ name }) => name)];
    const columns = names.map((name) => cursor.column(name));
    const metrics = task.metrics.map(overInputs);
    const folds = metrics.map((metric) => ({ metric, accumulator: metric.accumulator(cursor) }));
    const rows = Array.from(kept, (row) => {
      cursor.row = row;
      return [
        times[row],
        ...columns.map((column) => cellAt(column, row)),
        ...folds.map(({ metric, accumulator }) =>
          metric.finalise(accumulator.fold(metric.initial())),
        ),
      ];
    });
    const { lost, errors, thrownAway } = fates;
    const types = columns.map(({ type, multiValue }) => [type, multiValue]);
    return { rows, types, dimensions: [...reader.dimensions], lost, errors, thrownAway };
  });
}

/** Records whose fields are of one kind mostly, so that columns are. */
const uniform = fc
  .tuple(
    fc.constantFrom('1577836800000', '"2020-01-01T00:00:00.123Z"', '"2020-01-01 00:00:00"', 'null'),
    fc.constantFrom('7', '"x"', 'true', '1.5', '9007199254740993', '-0', '"7"', '["x",null]'),
    fc.constantFrom('null', '"é"', 'false', '-2.25', '12', '{"x":1}', '"1,5"'),
    fc.array(fc.constantFrom('a', 'b', 'time', 'none'), { maxLength: 2 }),
  )
  .chain(([time, a, b, others]) =>
    fc
      .array(fc.tuple(fc.nat(9), fc.constantFrom(...others, 'c')), { minLength: 1, maxLength: 9 })
      .map((rows) =>
        new TextEncoder().encode(
          rows
            .map(([n, left]) =>
              [`"time":${time}`, `"a":${a}`, `"b":${b}`, `"c":${n}`]
                .filter((member) => !member.startsWith(`"${left}"`))
                .join(','),
            )
            .map((members) => `{${members}}\n`)
            .join(''),
        ),
      ),
  );

test('token columns become the rows that their values become one by one', () => {
  const reader = new JsonReader('time');
  const bytes = fc.array(fc.oneof(uniform, jsonBytes), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(spec, bytes, (testSpec, contents) => {
      const plain = Array.from(tokensOf(reader, contents), plainOf);
      const tokens = tokensOf(reader, contents);
      expect(everything(testSpec, tokens)).toEqual(everything(testSpec, plain));
    }),
    { numRuns: draws(500) },
  );
}, 120_000);
