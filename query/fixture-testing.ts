import { parseJson } from '../core/index.js';
import { nativeJson } from './json/native-json.js';
import { parseNativeQuery } from './native/registry.js';
import { type TestRow, type TestTable, TestTables, testEngine } from './testing.js';

/** For tests: a small table, and its answers as the JSON that a client reads. */

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const TABLE: TestTable = {
  dimensions: { page: 'STRING', tags: 'STRING', n: 'LONG' },
  metrics: [{ type: 'doubleSum', name: 'x', fieldName: 'x' }],
};
export const ROWS: readonly TestRow[] = [
  { __time: 1 * HOUR, page: 'A', tags: ['a', 'b'], n: 9007199254740993n, x: 1.5 },
  { __time: 2 * HOUR, page: 'B', tags: 'b', n: 2, x: 2.5 },
  { __time: 2 * DAY + 5 * HOUR, page: 'A', tags: null, n: null, x: 4 },
  { __time: 2 * DAY + 6 * HOUR, page: null, tags: ['a', 'c'], n: -3, x: null },
];
export const tables = new TestTables().add('t', TABLE, [{ rows: ROWS }]);
export const INTERVALS = '1970-01-01/1970-01-08';

/** The response to a query over table `t` and all its time. */
export async function ask(query: Record<string, unknown>, from = tables): Promise<unknown> {
  const parsed = parseNativeQuery({ dataSource: 't', intervals: INTERVALS, ...query });
  const result = await testEngine(from).run(parsed);
  return parseJson([...nativeJson(parsed, result)].join(''));
}
