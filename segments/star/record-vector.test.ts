import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildStarTree } from '../../indexes/index.js';
import {
  type Aggregator,
  complexName,
  complexType,
  isComplexType,
  parseAggregator,
  type State,
  type Value,
} from '../../model/index.js';
import type { Vector } from '../encodings/vector.js';
import { rowsOf } from '../testing.js';
import { RecordVectors } from './record-vector.js';

const AGGREGATORS = [
  { type: 'count', name: 'm' },
  { type: 'longSum', name: 'm', fieldName: 'n' },
  { type: 'longMin', name: 'm', fieldName: 'n' },
  { type: 'doubleMax', name: 'm', fieldName: 'd' },
  { type: 'doubleSum', name: 'm', fieldName: 'd' },
  { type: 'hyperUnique', name: 'm', fieldName: 's' },
  { type: 'thetaSketch', name: 'm', fieldName: 's' },
  { type: 'HLLSketchBuild', name: 'm', fieldName: 's' },
  { type: 'longFirst', name: 'm', fieldName: 'n' },
  {
    type: 'filtered',
    filter: { type: 'selector', dimension: 's', value: 's1' },
    aggregator: { type: 'longSum', name: 'm', fieldName: 'n' },
  },
].map((spec) => parseAggregator(spec, ''));

/** The value of a row of a vector. */
function valueAt(vector: Vector, row: number): Value {
  const isNull =
    'nulls' in vector &&
    vector.nulls !== null &&
    ((vector.nulls[row >> 3]! >> (row & 7)) & 1) === 1;
  if (isNull) return null;
  if (vector.kind === 'LONG' && vector.layout === 'words') {
    return new BigInt64Array(vector.words.buffer)[row] as Value;
  }
  if (vector.kind === 'DOUBLE') return vector.values[row]!;
  if (vector.kind !== 'COMPLEX') throw new Error(`a metric of kind ${vector.kind}`);
  const bytes = vector.bytes(row);
  return bytes === null ? null : (complexType(complexName(vector.type)).decode(bytes) as Value);
}

const shown = (aggregator: Aggregator, value: Value) => {
  const plain = typeof value === 'bigint' ? Number(value) : value;
  return isComplexType(aggregator.storedType) ? aggregator.finalise(plain) : plain;
};

test('each record has the state of all of its rows', () => {
  const row = fc.record({
    a: fc.nat(3),
    b: fc.nat(2),
    c: fc.nat(9),
    n: fc.option(fc.integer(), { freq: 5 }),
    d: fc.option(fc.integer({ min: -1000, max: 1000 }), { freq: 5 }),
    s: fc.option(
      fc.nat(20).map((i) => `s${i}`),
      { freq: 5 },
    ),
  });
  const rows = fc.array(row, { minLength: 1, maxLength: 120 });
  fc.assert(
    fc.property(
      rows,
      fc.constantFrom(...AGGREGATORS),
      fc.constantFrom(1, 4, 50),
      (table, aggregator, maxLeafRecords) => {
        const cursor = rowsOf(
          table.map((each, i) => ({ __time: i, ...each })),
          {
            __time: 'LONG',
            n: 'LONG',
            d: 'DOUBLE',
            s: 'STRING',
          },
        );
        const { records } = buildStarTree({
          codes: [table.map(({ a }) => a), table.map(({ b }) => b), table.map(({ c }) => c)],
          sizes: [4, 3, 10],
          rowCount: table.length,
          maxLeafRecords,
          skipStar: [false, false, false],
          maxRecords: 1e6,
        })!;
        const { baseCount, members, ends } = records;
        const recordOf = new Int32Array(table.length);
        for (let record = 0; record < baseCount; record++) {
          for (const row of members.subarray(ends[record - 1] ?? 0, ends[record])) {
            recordOf[row] = record;
          }
        }
        const base = { recordOf, recordCount: baseCount };
        const rows = Object.assign(cursor, { stored: () => null });
        const vector = new RecordVectors(records, base, rows).of(aggregator);
        const rowsBehind: number[][] = [];
        const accumulator = aggregator.accumulator(cursor);
        for (let record = 0; record < records.count; record++) {
          const members = [
            ...records.members.subarray(records.ends[record - 1] ?? 0, records.ends[record]),
          ];
          const behind =
            record < records.baseCount ? members : members.flatMap((each) => rowsBehind[each]!);
          rowsBehind.push(behind);
          let state: State = aggregator.initial();
          for (const each of behind) {
            cursor.row = each;
            state = accumulator.fold(state);
          }
          expect(shown(aggregator, valueAt(vector, record))).toEqual(shown(aggregator, state));
        }
      },
    ),
    { numRuns: 300 },
  );
});
