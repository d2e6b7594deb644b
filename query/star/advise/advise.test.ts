import { afterAll, expect, test } from 'vitest';
import { ManualClock, silentLogger, VirtualDisk } from '../../../core/index.js';
import { parseAggregator, parseGranularity } from '../../../model/index.js';
import type { TreeDefinition } from '../../../segments/index.js';
import { QueryLog } from '../../log/query-log.js';
import { parseNativeQuery } from '../../native/registry.js';
import { emptyStats } from '../../result.js';
import { TestTables, testEngine } from '../../testing.js';
import type { Advice } from './advice.js';
import { adviseTable } from './advise-table.js';

const ROW_COUNT = 60_000;
const SEGMENTS = 3;
const HOUR = 3_600_000;

/** Two random-looking numbers below `size` for each row. */
const spread = (i: number, salt: number, size: number): number =>
  Math.floor(((Math.imul(i + 1, salt) >>> 0) / 2 ** 32) * size);

const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: Math.floor((i * 72 * HOUR) / ROW_COUNT),
  country: `c${spread(i, 2_654_435_761, 12)}`,
  city: `t${spread(i, 2_654_435_761, 60)}`,
  device: `d${spread(i, 40_503_001, 5)}`,
  user: `u${spread(i, 2_246_822_519, 30_000)}`,
  tags: i % 2 === 0 ? ['a', 'b'] : ['c'],
  bytes: i % 1000,
}));
const TABLE = {
  dimensions: {
    country: 'STRING',
    city: 'STRING',
    device: 'STRING',
    user: 'STRING',
    tags: 'STRING',
    bytes: 'LONG',
  },
} as const;

const opened: TestTables[] = [];
afterAll(() => {
  for (const tables of opened) tables.close();
});

function tablesOf(starTrees: readonly TreeDefinition[] = []): TestTables {
  const tables = new TestTables().addSealed(
    't',
    { ...TABLE, starTrees },
    [{ rows: ROWS }],
    ROW_COUNT / SEGMENTS,
  );
  opened.push(tables);
  return tables;
}

const shared = { dataSource: 't', intervals: '1970/1971', granularity: 'all' };
const BYTES = { type: 'longSum', name: 'bytes', fieldName: 'bytes' };
const COUNT = { type: 'count', name: 'n' };
const byCountry = {
  ...shared,
  queryType: 'groupBy',
  dimensions: ['country'],
  aggregations: [COUNT, BYTES],
};
const hourly = {
  ...shared,
  queryType: 'timeseries',
  granularity: 'hour',
  filter: { type: 'selector', dimension: 'country', value: 'c3' },
  aggregations: [COUNT],
};
const byDevice = {
  ...shared,
  queryType: 'topN',
  dimension: 'device',
  threshold: 3,
  metric: 'bytes',
  filter: { type: 'in', dimension: 'city', values: ['t3', 't4', 't5'] },
  aggregations: [BYTES],
};
const byTags = { ...byCountry, dimensions: ['tags'] };
const byUser = { ...byCountry, dimensions: ['user', 'city'] };

function newLog(): QueryLog {
  return new QueryLog({
    disk: new VirtualDisk(),
    path: '/log',
    clock: new ManualClock(0),
    logger: silentLogger,
    maxShapes: 100,
    keepMs: null,
    soon: () => undefined,
  });
}

/** Runs queries, and asks what trees they would like. Rows are as counted; times are as many milliseconds as a thousandth of them. */
async function adviceFor(tables: TestTables, queries: readonly object[]): Promise<Advice> {
  const log = newLog();
  const engine = testEngine(tables);
  for (const json of queries) {
    const query = parseNativeQuery(json);
    const { stats } = await engine.run(query);
    log.add(query, { ...stats, scanMs: stats.rowsScanned / 1000, mergeMs: 0 });
  }
  return adviseTable(engine, 't', log.records('t'), { timeoutMs: 60_000 });
}

/** The trees of an advice as a schema has them. */
function definitionsOf({ proposals }: Advice): TreeDefinition[] {
  return proposals.map(({ tree }) => {
    const { dimensions, metrics, maxLeafRecords } = tree as {
      dimensions: (string | { name: string; skipStar?: boolean; granularity?: unknown })[];
      metrics: unknown[];
      maxLeafRecords: number;
    };
    return {
      dimensions: dimensions.map((each) => {
        const {
          name,
          skipStar = false,
          granularity,
        } = typeof each === 'string' ? { name: each } : each;
        return {
          name,
          skipStar,
          ...(granularity !== undefined && { granularity: parseGranularity(granularity, '') }),
        };
      }),
      metrics: metrics.map((each) => parseAggregator(each, '')),
      maxLeafRecords,
    };
  });
}

test('prints', async () => {
  const advice = await adviceFor(tablesOf(), [byCountry, hourly, byDevice, byTags, byUser]);
  console.log(JSON.stringify(advice, null, 1));
  const after = await adviceFor(tablesOf(definitionsOf(advice)), [
    byCountry,
    hourly,
    byDevice,
    byTags,
    byUser,
  ]);
  console.log(JSON.stringify(after, null, 1));
  expect(emptyStats().treeRows).toBe(0);
});
