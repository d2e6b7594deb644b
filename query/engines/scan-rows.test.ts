import fc from 'fast-check';
import { test } from 'vitest';
import { type JsonObject, stringifyJson } from '../../core/index.js';
import { draws, expectSame } from '../../core/testing.js';
import { DATA_FORMS, openData, TIME_SHAPES } from '../compiler/data-testing.js';
import { filter } from '../compiler/filters-testing.js';
import type { ScanTarget } from '../interpreter/target.js';
import type { ScanQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import { scanRows } from './scan-rows.js';

const order = fc.constantFrom('ascending', 'descending');
const orderBy = fc.oneof(
  fc.constant([]),
  fc.tuple(fc.record({ columnName: fc.constant('__time'), order })),
  fc.tuple(
    fc.record({ columnName: fc.constant('__time'), order }),
    fc.record({ columnName: fc.constantFrom('k0', 's5'), order }),
  ),
);
const scan = fc.record({
  orderBy,
  filter: fc.option(filter, { freq: 4 }),
  limit: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3000 })),
  intervals: fc.constantFrom('1900/2100', '2024-03-31/2024-04-01'),
});

/** Null for a query that is refused, or fails. */
function rowsOf(json: JsonObject, target: (query: ScanQuery) => ScanTarget) {
  try {
    const columns = ['__time', 'k0', 's300', 'k1'];
    const query = parseNativeQuery({ queryType: 'scan', dataSource: 't', columns, ...json });
    return scanRows(query as ScanQuery, target(query as ScanQuery)).columns;
  } catch {
    return null;
  }
}

test('a scan that ends early finds the first rows of one that does not', () => {
  const data = fc.record({
    rowCount: fc.integer({ min: 1, max: 5000 }),
    seed: fc.nat(),
    times: fc.constantFrom(...TIME_SHAPES),
    form: fc.constantFrom(...DATA_FORMS),
  });
  const scans = fc.array(scan, { minLength: 1, maxLength: 30, size: 'max' });
  const property = fc.property(data, scans, fc.nat(900), (spec, queries, from) => {
    const { segment, rowCount, close } = openData(spec);
    const extent = { from: Math.floor((from * rowCount) / 1000), to: rowCount };
    const target = ({ intervals }: ScanQuery): ScanTarget => ({
      segment,
      extent,
      ranges: () => [extent],
      spans: intervals,
      limits: { maxGroups: 1, maxRows: 1_000_000 },
      scratchSlot: { index: 0, count: 1 },
      givesBlocks: 'never',
      checkCancelled: () => undefined,
    });
    for (const query of queries as JsonObject[]) {
      const all = rowsOf({ ...query, limit: undefined }, target);
      const first = rowsOf(query, target);
      if (all === null) continue;
      const wanted = all.map((values) => values.slice(0, query.limit as number));
      expectSame(first, wanted, stringifyJson(query));
    }
    close();
  });
  fc.assert(property, { numRuns: draws(20) });
});
