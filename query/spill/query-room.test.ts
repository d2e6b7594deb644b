import { afterAll, describe, expect, test } from 'vitest';
import {
  CancelledError,
  CorruptSpillError,
  type DiskOperation,
  QueryTimeoutError,
  RealDisk,
  ResourceLimitError,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import { temporaryDirectory } from '../../core/testing.js';
import { InlineExecutor } from '../executor/inline-executor.js';
import { WorkerExecutor } from '../executor/worker-executor.js';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables, testEngine } from '../testing.js';
import { SpillSpace } from './spill-space.js';
import { SPILL_DIRECTORY, spillingEngine } from './spill-testing.js';

const ROW_COUNT = 8000;
const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => ({
  __time: i,
  w: ((i * 7919) % ROW_COUNT) * 2 ** 36,
  s: `text ${i % 6000}`,
  v: i % 1000,
}));
const TABLE = { dimensions: { w: 'LONG', s: 'STRING', v: 'LONG' } } as const;
const tables = new TestTables().addSealed('t', TABLE, [{ rows: ROWS }], ROW_COUNT);
afterAll(() => tables.close());

const BASE = { queryType: 'groupBy', dataSource: 't', granularity: 'all', intervals: '1970/1971' };
const dimension = (name: string, outputType: string) => ({
  type: 'default',
  dimension: name,
  outputName: name,
  outputType,
});
const TOP = { type: 'default', limit: 3, columns: [{ dimension: 'sum', direction: 'descending' }] };
const AGGREGATIONS = [{ type: 'longSum', name: 'sum', fieldName: 'v' }];
/** Of kernels: blocks. */
const BY_NUMBER = {
  ...BASE,
  dimensions: [dimension('w', 'LONG'), dimension('v', 'LONG')],
  aggregations: AGGREGATIONS,
};
/** Of kernels, but no blocks: sketches. */
const BY_TEXT = {
  ...BASE,
  dimensions: [dimension('s', 'STRING')],
  aggregations: [...AGGREGATIONS, { type: 'hyperUnique', name: 'u', fieldName: 'w' }],
};
const QUERIES = [
  { ...BY_NUMBER, limitSpec: TOP },
  { ...BY_TEXT, limitSpec: TOP },
];

const failureOf = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => null,
    (error: unknown) => error,
  );

describe.each(QUERIES)('groups by $dimensions.0.dimension', (json) => {
  const query = parseNativeQuery(json);

  test('are counted where they go to disk, and their files removed', async () => {
    const disk = new VirtualDisk();
    const engine = spillingEngine(tables, 400, disk);
    const { rows, stats } = await engine.run(query);
    expect(rows).toEqual((await testEngine(tables).run(query)).rows);
    expect(stats.spilledBytes).toBeGreaterThan(30_000);
    expect(stats.spilledFiles).toBeGreaterThan(3);
    expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
    const { spilledBytes, spilledFiles } = engine.totals;
    expect({ spilledBytes, spilledFiles }).toEqual({
      spilledBytes: stats.spilledBytes,
      spilledFiles: stats.spilledFiles,
    });
  });

  test('that any call of the disk refuses are an error of the query, and leave nothing', async () => {
    const disk = new VirtualDisk();
    const engine = spillingEngine(tables, 400, disk);
    let failures = 0;
    for (let call = 0; ; call += 1 + (call >> 3)) {
      let calls = 0;
      disk.setFaults(({ kind }: DiskOperation) => {
        if (!['create', 'write', 'openRead', 'read'].includes(kind)) return null;
        return calls++ === call ? { error: new UnavailableError('the disk is full') } : null;
      });
      const error = await failureOf(engine.run(query));
      disk.setFaults(null);
      expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
      expect(engine.heldBytes).toBe(0);
      if (error === null) break;
      failures++;
      expect(error).toBeInstanceOf(UnavailableError);
      expect(String(error)).toContain('the disk is full');
    }
    expect(failures).toBeGreaterThan(10);
  });

  test('that are damaged on disk are an error, and no wrong answer', async () => {
    let damaged = 0;
    for (let seed = 0; seed < 10; seed++) {
      const disk = new VirtualDisk();
      const engine = spillingEngine(tables, 400, disk);
      let writes = 0;
      disk.setFaults(({ kind, path }: DiskOperation) => {
        if (kind !== 'openRead' || writes++ !== 0) return null;
        disk.setFaults(null);
        const bytes = disk.readFile(path).slice();
        bytes[(seed * 7919) % bytes.length]! ^= 1 << (seed % 8);
        const file = disk.create(path);
        file.write(bytes);
        file.close();
        return null;
      });
      const error = await failureOf(engine.run(query));
      expect(error).toBeInstanceOf(CorruptSpillError);
      damaged++;
      expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
    }
    expect(damaged).toBe(10);
  });

  test('that are too many for the disk are an error that tells the limit', async () => {
    for (const limits of [{ maxSpillBytes: 50_000 }]) {
      const disk = new VirtualDisk();
      const error = await failureOf(spillingEngine(tables, 400, disk, limits).run(query));
      expect(error).toBeInstanceOf(ResourceLimitError);
      expect(String(error)).toContain('more than 50000 bytes of groups to disk');
      expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
    }
    const context = { maxOnDiskStorage: '20KB' };
    const error = await failureOf(
      spillingEngine(tables, 400).run(parseNativeQuery({ ...json, context })),
    );
    expect(String(error)).toContain('more than 20000 bytes of groups to disk (maxOnDiskStorage)');
  });

  test('stay in memory where nothing may go to disk, and are an error beyond the budget', async () => {
    const context = { maxOnDiskStorage: 0 };
    const { stats } = await spillingEngine(tables, 400).run(parseNativeQuery({ ...json, context }));
    expect(stats.spilledBytes).toBe(0);
    const small = { ...context, maxQueryBytes: '100KB' };
    const engine = spillingEngine(tables, 400);
    const error = await failureOf(engine.run(parseNativeQuery({ ...json, context: small })));
    expect(error).toBeInstanceOf(ResourceLimitError);
    expect(String(error)).toContain('maxQueryBytes = 100000');
    expect(engine.heldBytes).toBe(0);
  });

  test('leave nothing when the query is cancelled at any moment', async () => {
    for (let turns = 0; turns < 40; turns += 2) {
      const disk = new VirtualDisk();
      const engine = spillingEngine(tables, 2000, disk);
      const controller = new AbortController();
      const running = failureOf(engine.run(query, { signal: controller.signal }));
      for (let i = 0; i < turns; i++) await (i % 2 === 0 ? null : new Promise(setImmediate));
      controller.abort();
      const error = await running;
      if (error !== null) expect(error).toBeInstanceOf(CancelledError);
      expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
      expect(engine.heldBytes).toBe(0);
    }
  });

  test('leave nothing when its time is up', async () => {
    const disk = new VirtualDisk();
    const engine = spillingEngine(tables, 100, disk);
    const error = await failureOf(
      engine.run(parseNativeQuery({ ...json, context: { timeout: 1 } })),
    );
    expect(error).toBeInstanceOf(QueryTimeoutError);
    expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
  });
});

test('more groups than one thread may hold are merged on disk, as long as few are shown', async () => {
  const limits = { maxGroups: 4000 };
  for (const json of QUERIES) {
    const query = parseNativeQuery(json);
    const { rows } = await spillingEngine(tables, 400, new VirtualDisk(), limits).run(query);
    expect(rows).toEqual((await testEngine(tables).run(query)).rows);
    const all = parseNativeQuery({ ...json, limitSpec: undefined });
    const error = await failureOf(spillingEngine(tables, 400, new VirtualDisk(), limits).run(all));
    expect(String(error)).toContain('more than 4000 groups (maxGroups)');
  }
});

test('an outer query reads more groups than one thread may hold', async () => {
  const limits = { maxGroups: 4000, maxResultRows: 4000 };
  for (const inner of [BY_NUMBER, BY_TEXT]) {
    const query = parseNativeQuery({
      ...BASE,
      dimensions: [],
      aggregations: [
        { type: 'count', name: 'groups' },
        { type: 'longSum', name: 'all', fieldName: 'sum' },
        { type: 'doubleSum', name: 'double', fieldName: 'sum' },
      ],
      dataSource: { type: 'query', query: inner },
    });
    const { rows } = await spillingEngine(tables, 400, new VirtualDisk(), limits).run(query);
    const groups = inner === BY_NUMBER ? ROW_COUNT : 6000;
    const sum = ROWS.reduce((total, { v }) => total + v, 0);
    expect(rows.map((row) => row.slice(1))).toEqual([[groups, sum, sum]]);
  }
});

test('all queries together hold no more than the process may; those that can, go to disk', async () => {
  const query = parseNativeQuery({ ...BY_NUMBER, limitSpec: TOP });
  const { rows } = await testEngine(tables).run(query);
  const limits = { maxQueryBytes: 300_000, memoryBytes: 400_000 };
  const disk = new VirtualDisk();
  const spillSpace = new SpillSpace(disk, SPILL_DIRECTORY, 2 ** 30);
  const executor = new InlineExecutor(disk);
  const options = { rowsPerJob: 1000, executor, limits, leastSpillBytes: 1 };
  const engine = testEngine(tables, { ...options, spillSpace });
  const answers = await Promise.all([1, 2, 3, 4].map(() => engine.run(query)));
  for (const answer of answers) expect(answer.rows).toEqual(rows);
  expect(answers.some(({ stats }) => stats.spilledBytes > 0)).toBe(true);
  expect([engine.heldBytes, spillSpace.usedBytes]).toEqual([0, 0]);
  const without = testEngine(tables, options);
  const failures = await Promise.all([1, 2, 3, 4].map(() => failureOf(without.run(query))));
  expect(failures.some((error) => String(error).includes('query.memoryBytes = 400000'))).toBe(true);
  expect(without.heldBytes).toBe(0);
  expect((await without.run(query)).rows).toEqual(rows);
});

test('rows that a scan collects are counted', async () => {
  const query = parseNativeQuery({ ...BASE, queryType: 'scan', columns: ['s', 'w'] });
  const engine = testEngine(tables, { limits: { maxQueryBytes: 500_000 } });
  expect(await failureOf(engine.run(query))).toBeInstanceOf(ResourceLimitError);
  expect(engine.heldBytes).toBe(0);
  const few = parseNativeQuery({ ...BASE, queryType: 'scan', columns: ['s', 'w'], limit: 1000 });
  expect((await engine.run(few)).rows).toHaveLength(1000);
});

test('what a process left that ended is removed when the next one starts', () => {
  const disk = new VirtualDisk();
  disk.makeDirectory(SPILL_DIRECTORY);
  disk.create(`${SPILL_DIRECTORY}/0-0-0`).close();
  new SpillSpace(disk, SPILL_DIRECTORY, 1);
  expect(disk.list(SPILL_DIRECTORY)).toEqual([]);
});

test('workers write and merge groups on the disk of the machine', async () => {
  const directory = temporaryDirectory('spill', afterAll);
  const disk = new RealDisk();
  const spillSpace = new SpillSpace(disk, `${directory}/groups`, 2 ** 30);
  const executor = new WorkerExecutor(2);
  try {
    const engine = testEngine(tables, { rowsPerJob: 1000, executor, spillSpace });
    for (const json of [...QUERIES, BY_NUMBER, BY_TEXT]) {
      const query = parseNativeQuery(json);
      const { rows, stats } = await engine.run(query);
      expect(rows).toEqual((await testEngine(tables).run(query)).rows);
      expect(stats.spilledFiles).toBeGreaterThan(0);
    }
    const query = parseNativeQuery({
      ...BASE,
      dimensions: [],
      aggregations: [{ type: 'count', name: 'groups' }],
      dataSource: { type: 'query', query: BY_TEXT },
    });
    expect((await engine.run(query)).rows[0]!.at(-1)).toBe(6000);
    const controller = new AbortController();
    const running = failureOf(
      engine.run(parseNativeQuery(BY_NUMBER), { signal: controller.signal }),
    );
    setTimeout(() => controller.abort(), 2);
    await running;
    expect(disk.list(`${directory}/groups`)).toEqual([]);
    expect(engine.heldBytes).toBe(0);
  } finally {
    await executor.close();
  }
});
