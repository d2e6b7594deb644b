import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  CancelledError,
  ManualClock,
  QueryTimeoutError,
  UserError,
  VirtualDisk,
} from '../core/index.js';
import type { Executor } from './executor/executor.js';
import { InlineExecutor } from './executor/inline-executor.js';
import { DAY, HOUR, INTERVALS, ROWS, TABLE } from './fixture-testing.js';
import { parseNativeQuery } from './native/registry.js';
import { SpillSpace } from './spill/spill-space.js';
import { SqlEngine } from './sql/index.js';
import type { TableProvider, TableSnapshot } from './tables.js';
import { TestTables, testEngine } from './testing.js';

/** Tables that tell what was asked of them, in order, and whether something is still read at a release. */
class WatchedTables implements TableProvider {
  readonly calls: string[] = [];
  readonly #tables = new TestTables()
    .add('t', TABLE, [{ rows: ROWS }, { rows: ROWS }, { rows: ROWS.slice(2) }])
    .add('sys.dead_letters', { dimensions: { reason: 'STRING' } }, [
      { rows: [{ __time: HOUR, reason: 'late' }] },
    ]);
  running = 0;
  /** What `waitFor` does, beside being noted. */
  wait: (signal: AbortSignal) => Promise<void> = async () => undefined;

  snapshot(dataSources: readonly string[]): TableSnapshot {
    this.calls.push(`snapshot ${dataSources}`);
    const snapshot = this.#tables.snapshot(dataSources);
    return {
      ...snapshot,
      release: () => {
        this.calls.push(this.running > 0 ? 'release too early' : 'release');
      },
    };
  }

  async waitFor(token: string, signal: AbortSignal): Promise<void> {
    this.calls.push(`wait ${token}`);
    await this.wait(signal);
  }

  /** An executor that counts what it runs. */
  executor(): Executor {
    const inner = new InlineExecutor(disk);
    return {
      parallelism: 1,
      run: async (batch, signal) => {
        this.running++;
        try {
          return await inner.run(batch, signal);
        } finally {
          this.running--;
        }
      },
      load: (job) => inner.load(job),
      close: () => inner.close(),
    };
  }

  get catalog() {
    return {
      tables: () => ['t', 'sys.dead_letters'],
      schema: (name: string) => this.#tables.schema(name),
    };
  }
}

const COUNT = { type: 'count', name: 'rows' };
const GROUPS = {
  queryType: 'groupBy',
  granularity: 'hour',
  dimensions: ['page', 'n'],
  aggregations: [COUNT],
};
const BASE = { dataSource: 't', intervals: INTERVALS };
const QUERIES: Record<string, unknown>[] = [
  GROUPS,
  { queryType: 'timeseries', granularity: 'day', aggregations: [COUNT] },
  { queryType: 'scan', limit: 1 },
  { queryType: 'search', granularity: 'all', query: { type: 'insensitive_contains', value: 'a' } },
  { queryType: 'timeBoundary' },
  { queryType: 'segmentMetadata' },
  { queryType: 'dataSourceMetadata' },
  { ...GROUPS, dataSource: { type: 'query', query: { ...BASE, ...GROUPS } }, dimensions: ['page'] },
  {
    ...GROUPS,
    dimensions: ['page'],
    dataSource: {
      type: 'query',
      query: { ...GROUPS, ...BASE, dataSource: { type: 'query', query: { ...BASE, ...GROUPS } } },
    },
  },
];

let tables: WatchedTables;
let disk: VirtualDisk;
const engine = (limits = {}) =>
  testEngine(tables, {
    executor: tables.executor(),
    rowsPerJob: 2,
    spillSpace: new SpillSpace(disk, '/spill', 2 ** 30),
    limits,
  });
beforeEach(() => {
  disk = new VirtualDisk();
  tables = new WatchedTables();
});
afterEach(() => expect(disk.list('/spill')).toEqual([]));

describe('a native query takes one snapshot and gives it back once', () => {
  const parse = (query: Record<string, unknown>) => parseNativeQuery({ ...BASE, ...query });
  afterEach(() => expect(tables.running).toBe(0));

  test.each(QUERIES)('when it succeeds: $queryType', async (query) => {
    await engine().run(parse(query));
    expect(tables.calls).toEqual(['snapshot t', 'release']);
  });

  test.each(QUERIES)('when it is cancelled at any moment: $queryType', async (query) => {
    for (let turns = 0; turns < 60; turns++) {
      tables.calls.length = 0;
      const controller = new AbortController();
      const running = engine().run(parse(query), { signal: controller.signal });
      const outcome = running.then(
        () => null,
        (error: unknown) => error,
      );
      for (let i = 0; i < turns; i++) await (i % 2 === 0 ? null : new Promise(setImmediate));
      controller.abort();
      const error = await outcome;
      if (error !== null) expect(error).toBeInstanceOf(CancelledError);
      expect(tables.calls).toEqual(['snapshot t', 'release']);
      if (error === null) break;
    }
  });

  test('when it fails', async () => {
    const query = parse({ ...GROUPS, dimensions: ['page', 'n', 'x'] });
    await expect(engine({ maxGroups: 1 }).run(query)).rejects.toThrow('maxGroups');
    expect(tables.calls).toEqual(['snapshot t', 'release']);
  });

  test('when its kernel is explained', async () => {
    await engine().explainKernel(parse(GROUPS));
    await engine().explainKernel(parse({ queryType: 'scan' }));
    expect(tables.calls).toEqual(['snapshot t', 'release', 'snapshot t', 'release']);
  });

  test('of several tables at once, of none for rows in the query', async () => {
    const union = { type: 'union', dataSources: ['t', 'sys.dead_letters'] };
    await engine().run(parse({ ...GROUPS, dataSource: union }));
    expect(tables.calls).toEqual(['snapshot t,sys.dead_letters', 'release']);
    const inline = { type: 'inline', columnNames: ['page'], rows: [['x']] };
    await engine().run(parse({ ...GROUPS, dataSource: inline }));
    expect(tables.calls.slice(2)).toEqual(['snapshot ', 'release']);
  });

  test('but not one that the caller holds', async () => {
    const snapshot = tables.snapshot(['t']);
    const context = { ingestToken: 'a:1' };
    await engine().run(parse({ ...GROUPS, context }), { snapshot });
    expect(tables.calls).toEqual(['snapshot t']);
  });
});

describe('a token', () => {
  const run = (context: object, signal?: AbortSignal) =>
    engine().run(
      parseNativeQuery({ ...BASE, ...GROUPS, context }),
      signal === undefined ? {} : { signal },
    );

  test('is waited for before the snapshot is taken', async () => {
    await run({ ingestToken: 'log:77' });
    expect(tables.calls).toEqual(['wait log:77', 'snapshot t', 'release']);
  });

  test('is waited for as long as the query may take, or is wanted', async () => {
    tables.wait = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const late = run({ ingestToken: 'log:77', timeout: 5 });
    await expect(late).rejects.toBeInstanceOf(QueryTimeoutError);
    const controller = new AbortController();
    const unwanted = run({ ingestToken: 'log:77' }, controller.signal);
    controller.abort();
    await expect(unwanted).rejects.toBeInstanceOf(CancelledError);
    expect(tables.calls).toEqual(['wait log:77', 'wait log:77']);
  });

  test('that is no text is refused', () => {
    expect(() => run({ ingestToken: 7 })).toThrow(UserError);
    expect(() => run({ ingestToken: 7 })).toThrow(/^context\.ingestToken: want a text/);
  });
});

describe('a SQL statement', () => {
  const run = (query: string, context: object = {}) =>
    new SqlEngine({
      engine: engine(),
      catalog: tables.catalog,
      system: { rows: () => [] },
      clock: new ManualClock(10 * DAY),
    }).run({ query, context });

  test.each([
    { sql: 'SELECT COUNT(*) FROM t', names: 't' },
    {
      sql: 'SELECT 1 UNION ALL SELECT COUNT(*) FROM t UNION ALL SELECT COUNT(*) FROM t',
      names: 't',
    },
    {
      sql: 'SELECT page FROM t WHERE x > (SELECT AVG(x) FROM t) AND n IN (SELECT COUNT(*) FROM sys.dead_letters)',
      names: 't,sys.dead_letters',
    },
    { sql: 'EXPLAIN PLAN FOR SELECT COUNT(*) FROM t', names: 't' },
    { sql: 'SELECT * FROM INFORMATION_SCHEMA.TABLES', names: '' },
  ])('all of its queries read one snapshot: $sql', async ({ sql, names }) => {
    await run(sql);
    expect(tables.calls).toEqual([`snapshot ${names}`, 'release']);
  });

  test('that fails gives its snapshot back', async () => {
    await expect(run('SELECT (SELECT page FROM t) FROM t')).rejects.toThrow('more than one row');
    expect(tables.calls).toEqual(['snapshot t', 'release']);
  });

  test('waits once for its token, before it looks for its tables', async () => {
    const context = { ingestToken: 'log:5' };
    await run('SELECT COUNT(*) FROM t UNION ALL SELECT 1', context);
    expect(tables.calls).toEqual(['wait log:5', 'snapshot t', 'release']);
    await expect(run('SELECT * FROM nowhere', context)).rejects.toThrow(/'nowhere' not found/);
    expect(tables.calls.slice(3)).toEqual(['wait log:5']);
    await expect(run('SELECT 1', { ingestToken: true })).rejects.toThrow(/context\.ingestToken/);
  });

  test('finds dead letters in schema sys, as a stored table', async () => {
    for (const name of ['sys.dead_letters', 'druid.sys.dead_letters', '"sys.dead_letters"']) {
      const { rows } = await run(`SELECT reason, COUNT(*) FROM ${name} GROUP BY 1`);
      expect(rows).toEqual([['late', 1]]);
    }
    const listed = await run(
      "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME IN ('t', 'dead_letters', 'sys.dead_letters') ORDER BY 1",
    );
    expect(listed.rows).toEqual([
      ['druid', 't', 'TABLE'],
      ['sys', 'dead_letters', 'SYSTEM_TABLE'],
    ]);
    const columns = await run(
      "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'sys' AND TABLE_NAME = 'dead_letters'",
    );
    expect(columns.rows).toEqual([
      ['__time', 'TIMESTAMP'],
      ['reason', 'VARCHAR'],
    ]);
    await expect(run('SELECT * FROM sys.dead_leters')).rejects.toThrow(/dead_letters/);
  });
});
