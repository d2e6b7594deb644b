import { afterAll, expect, test } from 'vitest';
import { parseNativeQuery } from './native/registry.js';
import { TestTables, testEngine } from './testing.js';

const TABLE = { dimensions: { s: 'STRING', v: 'LONG' } } as const;
const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ __time: i, s: `s${i % 7}`, v: i }));
const FEW = new TestTables().addSealed('t', TABLE, [{ rows: rowsOf(1000) }], 1000);
const MORE = new TestTables().addSealed('t', TABLE, [{ rows: rowsOf(1001) }], 1001);
afterAll(() => {
  for (const tables of [FEW, MORE]) tables.close();
});

// No index tells anything of it.
const filter = { type: 'expression', expression: 'v % 3 == 1' };
const BASE = { dataSource: 't', intervals: '1970/1971', filter };
const QUERIES = [
  {
    ...BASE,
    queryType: 'groupBy',
    granularity: 'all',
    dimensions: ['s'],
    aggregations: [{ type: 'longSum', name: 'sum', fieldName: 'v' }],
  },
  { ...BASE, queryType: 'scan', columns: ['v'], resultFormat: 'compactedList' },
];

const kernelsOf = async (tables: TestTables, query: object, forceKernels: boolean) => {
  const parsed = parseNativeQuery({ ...query, context: { forceKernels } });
  const { rows, stats } = await testEngine(tables).run(parsed);
  return { rows, isCompiled: stats.compiledJobs > 0 };
};

test.each(QUERIES)(
  'no kernel is written for few rows unless it is forced: $queryType',
  async (query) => {
    const few = await kernelsOf(FEW, query, false);
    const forced = await kernelsOf(FEW, query, true);
    const more = await kernelsOf(MORE, query, false);
    expect([few.isCompiled, forced.isCompiled, more.isCompiled]).toEqual([false, true, true]);
    expect(few.rows).toEqual(forced.rows);
  },
);
