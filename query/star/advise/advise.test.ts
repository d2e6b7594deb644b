import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { CancelledError, type JsonObject } from '../../../core/index.js';
import { assertReaching } from '../../../core/testing.js';
import { ETERNITY, parseGranularity } from '../../../model/index.js';
import type { TreeDefinition } from '../../../segments/index.js';
import type { ShapeRecord } from '../../log/query-log.js';
import { TestTables, testEngine } from '../../testing.js';
import type { Advice } from './advice.js';
import { advise } from './advise.js';
import { adviseTable } from './advise-table.js';
import { definitionsOf, loggedRuns, recordsOf, treesOf } from './advise-testing.js';
import { type CountDistinct, DistinctCounts } from './distinct-counts.js';
import { type Facts, factsOf } from './facts.js';
import { needOf, treeFor } from './need.js';
import { dimensionsOf } from './reasons.js';
import { describeShape } from './shape-text.js';

const ROW_COUNT = 60_000;
const SEGMENT_ROWS = 20_000;
const HOUR = 3_600_000;

/** The same number below `size` for the same row, and another for another `salt`. */
function spread(i: number, salt: number, size: number): number {
  let x = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return Math.floor(((x ^ (x >>> 15)) >>> 0) / (2 ** 32 / size));
}

const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: Math.floor((i * 72 * HOUR) / ROW_COUNT),
  country: `c${spread(i, 1, 12)}`,
  city: `t${spread(i, 2, 60)}`,
  device: `d${spread(i, 3, 5)}`,
  user: `u${spread(i, 4, 30_000)}`,
  tags: i % 2 === 0 ? ['a', 'b'] : ['c'],
  bytes: spread(i, 5, 1000),
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
  const table = { ...TABLE, starTrees };
  const tables = new TestTables().addSealed('t', table, [{ rows: ROWS }], SEGMENT_ROWS);
  opened.push(tables);
  return tables;
}
const plain = tablesOf();

/** What is known of a segment of these. */
function plainFacts(): Facts {
  const snapshot = plain.snapshot(['t']);
  const facts = factsOf(snapshot, 't', snapshot.parts('t', [ETERNITY]))!;
  snapshot.release();
  return facts;
}

const shared = { dataSource: 't', intervals: '1970/1971', granularity: 'all' };
const BYTES = { type: 'longSum', name: 'bytes', fieldName: 'bytes' };
const COUNT = { type: 'count', name: 'n' };
const equals = (dimension: string, value: string) => ({ type: 'selector', dimension, value });
const grouped = (dimensions: readonly unknown[], more: JsonObject = {}): JsonObject => ({
  ...shared,
  queryType: 'groupBy',
  dimensions,
  aggregations: [COUNT, BYTES],
  ...more,
});
const hourly = (more: JsonObject = {}): JsonObject => ({
  ...shared,
  queryType: 'timeseries',
  granularity: 'hour',
  aggregations: [COUNT],
  ...more,
});

/** Advice on queries that nobody has run. */
const adviceOn = (queries: readonly JsonObject[], rows = ROW_COUNT): Promise<Advice> =>
  adviseTable(testEngine(plain), 't', recordsOf(queries, rows), { timeoutMs: 60_000 });

const namesOf = (advice: Advice): string[][] =>
  treesOf(advice).map(({ dimensions }) =>
    dimensions.map((each) => (typeof each === 'string' ? each : each.name)),
  );

test('trees that are built as proposed read about as many records as were foretold', async () => {
  const queries = [
    grouped(['country']),
    grouped(['device', 'city'], { filter: equals('country', 'c3') }),
    hourly({ filter: equals('country', 'c1') }),
    hourly({ granularity: 'day', filter: { type: 'in', dimension: 'city', values: ['t1', 't2'] } }),
  ];
  const before = await loggedRuns(plain, queries);
  const advice = await adviseTable(testEngine(plain), 't', before, { timeoutMs: 60_000 });
  const foretold = advice.proposals.flatMap((proposal) => proposal.queries);
  expect(foretold).toHaveLength(queries.length);
  const after = await loggedRuns(tablesOf(definitionsOf(advice)), queries);
  for (const { shape, rows, treeCount, treeRows } of after) {
    const { rowsBefore, rowsAfter } = foretold.find(({ query }) => query === describeShape(shape))!;
    expect({ treeCount, treeRows, rowsBefore }).toEqual({
      treeCount: 1,
      treeRows: ROW_COUNT,
      rowsBefore: ROW_COUNT,
    });
    expect(rows).toBeLessThanOrEqual(2 * rowsAfter);
    expect(rows).toBeGreaterThanOrEqual(rowsAfter / 2);
    expect(rows).toBeLessThan(ROW_COUNT / 5);
  }
});

test('what trees answer already is proposed again, with what it would take without them', async () => {
  const queries = [grouped(['country']), hourly()];
  const first = await adviceOn(queries);
  const withTrees = tablesOf(definitionsOf(first));
  const again = await loggedRuns(withTrees, queries);
  const options = { timeoutMs: 60_000 };
  const second = await adviseTable(testEngine(withTrees), 't', again, options);
  expect(treesOf(second)).toEqual(treesOf(first));
  expect(second.proposals.flatMap((each) => each.queries.map((one) => one.rowsBefore))).toEqual([
    ROW_COUNT,
    ROW_COUNT,
  ]);
});

describe('examples', () => {
  test('what all queries read comes first and needs no star; the rest by how many values there are', async () => {
    const facts = plainFacts();
    const counts = new DistinctCounts(SEGMENT_ROWS, counted);
    await counts.count([
      ...['country', 'city', 'device'].map((name) => [{ name }]),
      [{ name: '__time', granularity: 'hour' }],
    ]);
    const queries = [
      grouped(['device', 'city', 'country']),
      grouped(['city'], { filter: equals('device', 'd1'), aggregations: [BYTES] }),
      hourly({ filter: equals('device', 'd2') }),
    ];
    const needs = recordsOf(queries, ROW_COUNT).map((record) => needOf(record, 1, facts));
    expect(treeFor(needs, facts, counts)).toEqual({
      dimensions: [
        { name: 'device', skipStar: true },
        { name: 'city', skipStar: false },
        { name: '__time', skipStar: false, granularity: 'hour' },
        { name: 'country', skipStar: false },
      ],
      metrics: [{ type: 'count' }, { type: 'longSum', fieldName: 'bytes' }],
    });
  });

  test.each([
    ['hour', 'P1D', 'UTC', 'hour'],
    ['week', 'P1M', 'UTC', 'day'],
    ['hour', 'P1D', 'Asia/Kolkata', 'thirty_minute'],
    ['all', 'PT15M', 'UTC', 'fifteen_minute'],
    ['all', 'P2D', 'UTC', 'day'],
  ])('time by %s and by %s in %s is kept by %s', async (granularity, period, zone, expected) => {
    const expression = `timestamp_floor(__time, '${period}', null, '${zone}')`;
    const virtualColumns = [{ type: 'expression', name: 'v', expression, outputType: 'LONG' }];
    const [tree] = treesOf(await adviceOn([grouped(['v'], { granularity, virtualColumns })]));
    expect(tree!.dimensions).toEqual([{ name: '__time', skipStar: true, granularity: expected }]);
  });

  test('queries of days and of hours share a tree of hours', async () => {
    const advice = await adviceOn(
      ['day', 'hour'].map((granularity) => hourly({ granularity, filter: equals('device', 'd1') })),
    );
    expect(treesOf(advice).map(({ dimensions }) => dimensions)).toEqual([
      [
        { name: '__time', skipStar: true, granularity: 'hour' },
        { name: 'device', skipStar: true },
      ],
    ]);
  });

  test('a zone of its own keeps days', async () => {
    const granularity = { type: 'period', period: 'P1D', timeZone: 'Asia/Tokyo' };
    const [tree] = treesOf(await adviceOn([hourly({ granularity })]));
    expect(tree!.dimensions).toEqual([
      { name: '__time', skipStar: true, granularity: { ...granularity, origin: null } },
    ]);
  });

  test('queries of unlike dimensions have trees of their own, those of like ones share one', async () => {
    const advice = await adviceOn([
      grouped(['city', 'device']),
      grouped(['city'], { filter: equals('device', 'd2') }),
      hourly({ filter: equals('country', 'c1') }),
    ]);
    expect(namesOf(advice).map((names) => names.sort())).toEqual([
      ['city', 'device'],
      ['__time', 'country'],
    ]);
  });

  test('an aggregator over some rows needs what tells them', async () => {
    const filtered = { type: 'filtered', aggregator: COUNT, filter: equals('device', 'd1') };
    const notNull = { type: 'not', field: { type: 'null', column: 'bytes' } };
    const counted = { type: 'filtered', aggregator: { ...COUNT, name: 'm' }, filter: notNull };
    const advice = await adviceOn([grouped(['country'], { aggregations: [filtered, counted] })]);
    const [tree] = treesOf(advice);
    expect(namesOf(advice)).toEqual([['country', 'device']]);
    const name = 'count where bytes';
    expect(tree!.metrics).toEqual([
      { type: 'count', name: 'count' },
      { type: 'filtered', filter: notNull, aggregator: { type: 'count', name }, name },
    ]);
  });

  test.each([
    [grouped(['tags']), /"tags", a column of lists/],
    [grouped(['nobody']), /no column "nobody"/],
    [grouped(['user', 'city']), /as many records as there are rows.*"user", which has \d+ values/],
    [grouped([{ type: 'default', dimension: '__time', outputName: 'x' }]), /to the millisecond/],
    [hourly({ granularity: 'none' }), /to the millisecond/],
    [
      grouped(['city'], {
        aggregations: [{ type: 'longSum', name: 'x', expression: 'bytes * 2' }],
      }),
      /aggregator longSum reads an expression/,
    ],
    [
      grouped(['city'], {
        aggregations: [{ type: 'grouping', name: 'x', groupings: ['city'] }],
      }),
      /aggregator grouping/,
    ],
  ])('%j is answered by no tree', async (query, reason) => {
    const { proposals, unanswered } = await adviceOn([query]);
    expect(proposals).toEqual([]);
    expect(unanswered).toMatchObject([{ count: 1, timeShare: 1 }]);
    expect(unanswered[0]!.reason).toMatch(reason);
  });

  test('queries that read nothing need nothing', async () => {
    const { proposals, unanswered } = await adviceOn([hourly()], 0);
    expect(proposals).toEqual([]);
    expect(unanswered[0]!.reason).toMatch(/reads no rows/);
  });

  test('nothing logged, nothing to count in', async () => {
    expect(await adviceOn([])).toMatchObject({ logged: { queries: 0 }, proposals: [] });
    const none = await adviseTable(testEngine(plain), 'none', [], { timeoutMs: 1000 });
    expect(none).toMatchObject({ segment: null, proposals: [] });
  });
});

test('what is answered does not depend on how long each query had to wait', async () => {
  const queries = [
    grouped(['country']),
    grouped(['device'], { filter: equals('country', 'c3') }),
    hourly({ filter: equals('city', 't1') }),
    grouped(['user']),
  ];
  const records = recordsOf(queries, ROW_COUNT);
  const times = fc.array(fc.double({ min: 1, max: 1e6, noNaN: true }), {
    minLength: queries.length,
    maxLength: queries.length,
  });
  const property = fc.asyncProperty(times, async (ms) => {
    const waited = records.map((record, i) => ({ ...record, totalMs: ms[i]! }));
    const { proposals, unanswered } = await advise('t', waited, plainFacts(), counted);
    expect(proposals.flatMap((each) => each.queries)).toHaveLength(3);
    expect(unanswered).toMatchObject([{ reason: expect.stringMatching(/"user"/) }]);
  });
  await fc.assert(property, { numRuns: 20, examples: [[[1e6, 1, 1, 1]], [[1, 1, 1, 1e6]]] });
}, 60_000);

test('nobody is answered who went away', async () => {
  const records = recordsOf([grouped(['country', 'city'])], ROW_COUNT);
  const gone = adviseTable(testEngine(plain), 't', records, {
    timeoutMs: 60_000,
    signal: AbortSignal.abort(),
  });
  await expect(gone).rejects.toBeInstanceOf(CancelledError);
  expect([plain.pinsHeld, plain.snapshotsHeld]).toEqual([0, 0]);
});

/** The obvious way to count. */
const counted: CountDistinct = async (sets) => {
  const rows = ROWS.slice(0, SEGMENT_ROWS) as readonly JsonObject[];
  return sets.map((set) => {
    const readers = set.map(({ name, granularity }) => {
      const grain = granularity === undefined ? null : parseGranularity(granularity, '');
      return (row: JsonObject) =>
        grain === null ? row[name] : grain.bucketStart(row[name] as number);
    });
    return new Set(rows.map((row) => readers.map((read) => String(read(row))).join())).size;
  });
};

test('segments are counted as they are', async () => {
  const { part } = plainFacts();
  expect(part.rowCount).toBe(SEGMENT_ROWS);
  const advice = await adviceOn([grouped(['city', 'device', 'country'])]);
  const own = ROWS.filter(({ __time }) => __time >= part.minTimeMs && __time <= part.maxTimeMs);
  const combinations = new Set(own.map(({ city, device, country }) => city + device + country));
  expect(advice.proposals[0]!.records).toBe(Math.ceil(1.63 * combinations.size));
});

const columns = fc.oneof(
  { weight: 4, arbitrary: fc.subarray(['country', 'city', 'device'], { maxLength: 2 }) },
  fc.subarray(['city', 'user', 'tags'], { maxLength: 2 }),
);
const filter = fc.option(
  fc.oneof(
    fc.constantFrom('country', 'city', 'user').map((name) => equals(name, 'x')),
    fc.constant({ type: 'and', fields: [equals('city', 'x'), equals('device', 'y')] }),
    fc.constant({ type: 'or', fields: [equals('city', 'x'), equals('country', 'y')] }),
  ),
);
const aggregations = fc.subarray(
  [
    COUNT,
    BYTES,
    { type: 'longMax', name: 'm', fieldName: 'bytes' },
    { type: 'hyperUnique', name: 'u', fieldName: 'user' },
    { type: 'filtered', aggregator: { ...COUNT, name: 'f' }, filter: equals('device', 'd1') },
  ],
  { minLength: 1 },
);
const anyQuery = fc
  .record({
    dimensions: columns,
    filter,
    aggregations,
    granularity: fc.constantFrom('all', 'all', 'hour', 'day', 'none'),
  })
  .map((more) => grouped([], more));

const specsOf = (metrics: readonly JsonObject[]): string[] =>
  metrics.map(({ name: _, ...spec }) => JSON.stringify(Object.entries(spec).sort()));

test('a tree has all that it is said to answer, within its limits, and everything is told once', async () => {
  const facts = plainFacts();
  let answered = 0;
  const property = fc.asyncProperty(
    fc.array(anyQuery, { minLength: 1, maxLength: 8 }),
    async (queries) => {
      const records = recordsOf(queries, ROW_COUNT);
      const byText = new Map(records.map((each) => [describeShape(each.shape), each]));
      fc.pre(byText.size === records.length);
      const advice = await advise('t', records, facts, counted);
      const told = [...advice.proposals.flatMap((each) => each.queries), ...advice.unanswered];
      expect(told.map(({ query }) => query).sort()).toEqual([...byText.keys()].sort());
      for (const [i, { records, sizeShare, queries, segment }] of advice.proposals
        .map((each) => ({ ...each, segment: advice.segment! }))
        .entries()) {
        expect(records).toBeLessThan(segment.rows);
        expect(sizeShare).toBeLessThanOrEqual(0.3);
        const names = new Set(namesOf(advice)[i]);
        const specs = specsOf(treesOf(advice)[i]!.metrics);
        for (const { query, rowsAfter, rowsBefore } of queries) {
          const { shape } = byText.get(query)!;
          expect(dimensionsOf(shape).filter((name) => !names.has(name))).toEqual([]);
          expect(shape.time === null || names.has('__time')).toBe(true);
          const wanted = specsOf(shape.aggregations.map(({ spec }) => spec));
          expect(wanted.filter((spec) => !specs.includes(spec))).toEqual([]);
          expect(rowsAfter).toBeLessThanOrEqual(rowsBefore);
          answered++;
        }
      }
    },
  );
  await assertReaching(property, 60, () => expect(answered).toBeGreaterThan(50));
});

test('the order of the log does not matter', async () => {
  const queries = [grouped(['country']), grouped(['city', 'device']), hourly()];
  const records = recordsOf(queries, ROW_COUNT);
  const ask = (some: readonly ShapeRecord[]) =>
    adviseTable(testEngine(plain), 't', some, { timeoutMs: 60_000 });
  expect(await ask([...records].reverse())).toEqual(await ask(records));
});
