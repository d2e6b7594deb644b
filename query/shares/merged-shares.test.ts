import { afterAll, expect, test } from 'vitest';
import { ResourceLimitError } from '../../core/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { partialBytes } from '../spill/partial-bytes.js';
import { TestTables, testEngine } from '../testing.js';

const TABLE = { dimensions: { s: 'STRING', v: 'LONG' } } as const;
const GROUPS = 300;
const SEGMENTS = 6;
const rows = Array.from({ length: SEGMENTS * GROUPS }, (_, i) => ({
  __time: i,
  s: `s${i % GROUPS}`,
  v: i,
}));
/** Each segment has all groups, in a dictionary of its own. */
const tables = new TestTables().addSealed('t', TABLE, [{ rows }], GROUPS);
afterAll(() => tables.close());

const QUERY = {
  queryType: 'groupBy',
  dataSource: 't',
  intervals: '1970/1971',
  granularity: 'all',
  dimensions: ['s'],
  aggregations: [{ type: 'longSum', name: 'sum', fieldName: 'v' }],
};

/** How many results a node that may hold so much for them answers with; null: it may not. */
async function resultsWithin(maxQueryBytes: number): Promise<number | null> {
  const engine = testEngine(tables);
  const { spec: query } = parseNativeQuery({ ...QUERY, context: { maxQueryBytes } });
  const limits = { maxGroups: 10_000, maxRows: 10_000 };
  const share = { query, types: [], rights: [], lookups: [], limits };
  const parts = tables.snapshot(['t']).parts('t', []);
  try {
    const answer = await engine.shares.scan(share, parts, new AbortController().signal);
    let [count, bytes] = [0, 0];
    for await (const { partial } of answer.items) {
      count++;
      bytes += partialBytes(partial);
      expect(partial).toMatchObject({ kind: 'groups', groupCount: GROUPS });
    }
    expect(engine.heldBytes).toBe(bytes);
    await answer.release();
    return count;
  } catch (error) {
    expect(error).toBeInstanceOf(ResourceLimitError);
    return null;
  } finally {
    expect(engine.heldBytes).toBe(0);
  }
}

test('groups of several segments are merged where there is room for them, the table and what comes of it', async () => {
  const found = new Set<number | null>();
  for (let bytes = 10_000; bytes < 1_000_000; bytes *= 2) found.add(await resultsWithin(bytes));
  expect([...found]).toEqual([null, SEGMENTS, 1]);
});
