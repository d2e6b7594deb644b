import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualDisk } from '../../core/index.js';
import type { StarRecords } from '../../indexes/index.js';
import { parseAggregator, type Value } from '../../model/index.js';
import { readSegmentDirectory } from '../format/read-directory.js';
import { MutableSegment } from '../mutable/mutable-segment.js';
import { sealSegments } from '../seal/seal-segments.js';
import { inputTypes, rowsOf, schemaOf, testPool } from '../testing.js';
import { RecordVectors } from './record-vector.js';
import { StoredRows } from './stored-rows.js';

const pool = testPool();

/** Of each kind of encoding that numbers have. */
const TYPES = {
  few: 'LONG',
  narrow: 'LONG',
  wide: 'LONG',
  alike: 'LONG',
  small: 'LONG',
  large: 'LONG',
  price: 'DOUBLE',
  level: 'DOUBLE',
  ratio: 'FLOAT',
} as const;

const AGGREGATORS = [
  { type: 'count', name: 'm' },
  ...Object.entries(TYPES).flatMap(([column, type]) =>
    ['Sum', 'Min', 'Max'].map((suffix) => ({
      type: `${type.toLowerCase()}${suffix}`,
      name: 'm',
      fieldName: column,
    })),
  ),
  { type: 'doubleSum', name: 'm', fieldName: 'wide' },
  { type: 'longMax', name: 'm', fieldName: 'price' },
  { type: 'longSum', name: 'm', fieldName: 'missing' },
].map((spec) => parseAggregator(spec, ''));

const orNull = (value: fc.Arbitrary<Value>) => fc.option(value, { freq: 9 });
const row = fc.record({
  __time: fc.nat(1000),
  few: orNull(fc.constantFrom<Value>(5, 2n ** 62n, -(2n ** 61n))),
  narrow: orNull(fc.integer({ min: 100, max: 240 })),
  wide: orNull(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  alike: orNull(fc.constant(7)),
  // Sums of these are exact in doubles, and those of a few of the others are not.
  small: fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }),
  large: fc.bigInt({ min: -(2n ** 51n), max: 2n ** 51n }).map(Number),
  price: orNull(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })),
  level: fc.constantFrom(0.5, -3.25, 8),
  ratio: orNull(fc.constantFrom(0.25, 1.5)),
});

test('loops over numbers fold what accumulators fold', () => {
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 7 }),
      (rows, most) => {
        const groups = Math.min(most, rows.length);
        const schema = schemaOf(TYPES);
        const disk = new VirtualDisk();
        const open = new MutableSegment(schema, pool);
        open.append(rowsOf(rows, inputTypes(schema)));
        const [sealed] = sealSegments(disk, '/d', () => 's', [open.snapshot()], schema, {
          maxRowsPerSegment: 1000,
        });
        open.close();
        const file = disk.openRead(sealed!.path);
        const { columns } = readSegmentDirectory(disk, sealed!.path);
        const stored = new StoredRows(file, columns, rows.length);
        const grouped = Array.from({ length: groups }, (_, group) => group);
        const base = {
          recordOf: Int32Array.from(rows, (_, i) => i % groups),
          recordCount: groups,
        };
        const records: StarRecords = {
          count: groups + 1,
          baseCount: groups,
          codes: [],
          members: Int32Array.from([...grouped.keys(), ...grouped.keys()]),
          ends: Int32Array.from([...grouped.map((_, i) => i + 1), 2 * groups]),
        };
        const loops = new RecordVectors(records, base, stored);
        const inTurn = new RecordVectors(records, base, {
          rowCount: rows.length,
          get row() {
            return stored.row;
          },
          set row(to) {
            stored.row = to;
          },
          column: (name) => stored.column(name),
          stored: () => null,
        });
        for (const aggregator of AGGREGATORS) {
          expect(loops.of(aggregator), JSON.stringify(aggregator.spec)).toEqual(
            inTurn.of(aggregator),
          );
        }
        file.close();
      },
    ),
    { numRuns: 60 },
  );
});
