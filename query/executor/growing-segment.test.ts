import { afterAll, describe, expect, it } from 'vitest';
import { ArenaPool, type JsonObject } from '../../core/index.js';
import { MutableSegment, type MutableSnapshot } from '../../segments/index.js';
import { type PlainRow, rowsOf, schemaOf } from '../../segments/testing.js';
import { parseNativeQuery } from '../native/registry.js';
import type { TableProvider } from '../tables.js';
import { testEngine } from '../testing.js';
import { WorkerExecutor } from './worker-executor.js';

const BATCH_ROWS = 1500;
const BATCHES = 40;
const TYPES = { __time: 'LONG', s: 'STRING', l: 'LONG', n: 'LONG' } as const;

/** Times go back and forth; texts come up for the first time all along; numbers get wider; some are null. */
const rowAt = (i: number): PlainRow => ({
  __time: i * 10 - (i % 13) * 7000,
  s: i % 3 === 0 ? `t${i}` : `t${i % 50}`,
  l: i,
  n: i % 7 === 0 ? null : i % 100,
});

const query = (fields: JsonObject): JsonObject => ({
  queryType: 'timeseries',
  dataSource: 't',
  granularity: 'all',
  intervals: '1900/2100',
  aggregations: [
    { type: 'count', name: 'rows' },
    { type: 'longSum', name: 'l', fieldName: 'l' },
    { type: 'longSum', name: 'n', fieldName: 'n' },
  ],
  ...fields,
});
const PAIRS = 6_000;
/** Only rows whose key has an even number below `PAIRS`, which a column says that is joined. */
const joined = (column: string, type: string, prefix: string): JsonObject => {
  const right = {
    type: 'inline',
    columnNames: ['k', 'v'],
    columnTypes: [type, 'STRING'],
    rows: Array.from({ length: PAIRS }, (_, i) => [`${prefix}${i}`, i % 2 === 0 ? 'even' : 'odd']),
  };
  const condition = `${column} == "j.k"`;
  return query({
    dataSource: { type: 'join', left: 't', right, rightPrefix: 'j.', condition, joinType: 'INNER' },
    filter: { type: 'selector', dimension: 'j.v', value: 'even' },
  });
};
const isEven = (number: number): boolean => number < PAIRS && number % 2 === 0;

const QUERIES: readonly (readonly [JsonObject, (row: PlainRow) => boolean])[] = [
  [query({}), () => true],
  [query({ filter: { type: 'selector', dimension: 's', value: 't7' } }), ({ s }) => s === 't7'],
  [
    query({ filter: { type: 'like', dimension: 's', pattern: 't1%' } }),
    ({ s }) => String(s).startsWith('t1'),
  ],
  [
    query({ intervals: '1970-01-01T00:00:00Z/PT1M' }),
    ({ __time: t }) => Number(t) >= 0 && Number(t) < 60_000,
  ],
  [joined('s', 'STRING', 't'), ({ s }) => isEven(Number(String(s).slice(1)))],
  [joined('l', 'LONG', ''), ({ l }) => isEven(Number(l))],
];

function tableOf(snapshot: MutableSnapshot): TableProvider {
  const { handle, rowCount, minTimeMs, maxTimeMs, columns } = snapshot;
  const interval = { startMs: minTimeMs!, endMs: maxTimeMs! + 1 };
  const part = {
    id: { dataSource: 't', interval, version: 'v', partitionNum: 0 },
    interval,
    minTimeMs: minTimeMs!,
    maxTimeMs: maxTimeMs!,
    rowCount,
    facts: null,
    pin: async () => ({ handle, release: () => undefined }),
  };
  const release = (): void => undefined;
  return {
    snapshot: () => ({ parts: () => [part], schema: () => ({ columns }), release }),
    waitFor: async () => undefined,
  };
}

function expectedOf(rowCount: number, accepts: (row: PlainRow) => boolean): number[] {
  let [rows, l, n] = [0, 0, 0];
  for (let i = 0; i < rowCount; i++) {
    const row = rowAt(i);
    if (!accepts(row)) continue;
    rows++;
    l += row.l as number;
    n += (row.n as number | null) ?? 0;
  }
  return [rows, l, n];
}

describe('a segment that grows while workers scan it', () => {
  const executor = new WorkerExecutor(2);
  afterAll(() => executor.close());

  it('shows each query the rows of its snapshot', async () => {
    const pool = new ArenaPool({ arenaBytes: 8 << 20, maxBytes: 1 << 28, scratchBytes: 8 << 20 });
    const segment = new MutableSegment(schemaOf({ s: 'STRING', l: 'LONG', n: 'LONG' }), pool);
    const layouts = new Set<number>();
    const ask = async (snapshot: MutableSnapshot): Promise<void> => {
      const engine = testEngine(tableOf(snapshot), { executor, rowsPerJob: 5000 });
      for (const [json, accepts] of QUERIES) {
        const { rows } = await engine.run(parseNativeQuery(json));
        const found = rows.map((row) => row.slice(1))[0];
        expect(found).toEqual(expectedOf(snapshot.rowCount, accepts));
      }
      expect(engine.totals.interpretedJobs).toBe(0);
    };
    const asked: Promise<void>[] = [];
    let first: MutableSnapshot | null = null;
    for (let batch = 0; batch < BATCHES; batch++) {
      const rows = Array.from({ length: BATCH_ROWS }, (_, i) => rowAt(batch * BATCH_ROWS + i));
      segment.append(rowsOf(rows, TYPES));
      const snapshot = segment.snapshot();
      first ??= snapshot;
      layouts.add(snapshot.handle.layout);
      asked.push(ask(snapshot));
      // Workers are under way while the next rows are written.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(asked);
    expect(layouts.size).toBeGreaterThan(3);
    await ask(first!);
    const used = pool.usedBytes;
    segment.releaseBefore(segment.snapshot().handle.layout);
    expect(pool.usedBytes).toBeLessThan(used);
    segment.close();
    expect(pool.usedBytes).toBe(0);
  });
});
