import { expect, test } from 'vitest';
import { CancelledError } from '../../core/index.js';
import { ETERNITY } from '../../model/index.js';
import { attachSegment } from '../../segments/index.js';
import { parseNativeQuery } from '../native/registry.js';
import { TestTables } from '../testing.js';
import { runJobs } from './run-job.js';

/** Kernels look up at least this often; the interpreter more often. */
const MOST_ROWS_BETWEEN = 65_536;
const ROWS = 3 * MOST_ROWS_BETWEEN;
const TABLE = { dimensions: { s: 'STRING', n: 'LONG' } } as const;
const tables = new TestTables().add('t', TABLE, [
  { rows: Array.from({ length: ROWS }, (_, i) => ({ __time: i, s: `v${i % 5000}`, n: i })) },
]);

const BASE = { dataSource: 't', intervals: '1970/1971', granularity: 'all' };
const FILTER = { type: 'range', column: 'n', matchValueType: 'LONG', lower: 0 };
const SUM = { type: 'longSum', name: 'sum', fieldName: 'n' };
interface AskedOf {
  readonly name: string;
  readonly mostRowsBetween?: number;
}
const QUERIES = [
  { name: 'timeseries', queryType: 'timeseries', filter: FILTER, aggregations: [SUM] },
  { name: 'groupBy', queryType: 'groupBy', dimensions: ['s'], aggregations: [SUM] },
  {
    name: 'groupBy of every row',
    queryType: 'groupBy',
    dimensions: [{ type: 'default', dimension: 'n', outputType: 'LONG' }],
    aggregations: [SUM],
  },
  {
    name: 'topN of sketches',
    queryType: 'topN',
    dimension: 's',
    threshold: 3,
    metric: 'u',
    aggregations: [{ type: 'HLLSketchBuild', name: 'u', fieldName: 'n' }],
  },
  {
    name: 'what is folded row by row',
    queryType: 'timeseries',
    virtualColumns: [
      {
        type: 'expression',
        name: 'v',
        expression: "strlen(concat(s, cast(n, 'STRING')))",
        outputType: 'LONG',
      },
    ],
    aggregations: [{ type: 'longSum', name: 'sum', fieldName: 'v' }],
    mostRowsBetween: 128,
  },
  { name: 'scan', queryType: 'scan', columns: ['s'], filter: FILTER, mostRowsBetween: 128 },
  {
    name: 'search of rows that a kernel selects',
    queryType: 'search',
    query: { type: 'contains', value: '3' },
    filter: FILTER,
    mostRowsBetween: 128,
  },
].flatMap((query: AskedOf) => [
  { ...query, scratchSlot: { index: 0, count: 1 }, name: `${query.name}, compiled` },
  { ...query, scratchSlot: null, name: `${query.name}, interpreted` },
]);

test.each(QUERIES)('a cancelled job goes on for a few rows only: $name', async (query) => {
  const { name: _, scratchSlot, mostRowsBetween = MOST_ROWS_BETWEEN, ...spec } = query;
  const snapshot = tables.snapshot(['t']);
  const [part] = snapshot.parts('t', [ETERNITY]);
  const pinned = await part!.pin({ columns: ['__time', 's', 'n'], indexes: [] });
  const segment = attachSegment(pinned.handle);
  /** Runs the job, whose owner cancels it at a look; gives how often it looked. */
  const run = (cancelledAt: number): { looks: number; error: unknown } => {
    let looks = 0;
    let next = 0;
    const checkCancelled = () => {
      if (++looks >= cancelledAt) throw new CancelledError('cancelled');
    };
    const limits = { maxGroups: 1e6, maxRows: 1e6 };
    const facts = { rights: [], limits, scratchSlot, checkCancelled, mergesJobs: true } as const;
    const jobs = [{ segment, from: 0, to: ROWS, spans: [ETERNITY] }];
    const claim = () => (next < 1 ? next++ : null);
    try {
      const parsed = parseNativeQuery({ ...BASE, ...spec });
      runJobs(jobs, [1], claim, { ...facts, query: parsed, givesBlocks: 'never' });
      return { looks, error: null };
    } catch (error) {
      return { looks, error };
    }
  };
  const whole = run(Number.POSITIVE_INFINITY);
  expect(whole.error).toBeNull();
  expect(whole.looks).toBeGreaterThanOrEqual(ROWS / mostRowsBetween);
  for (const at of [1, 2, Math.ceil(whole.looks / 2), whole.looks]) {
    const { looks, error } = run(at);
    expect(error).toBeInstanceOf(CancelledError);
    // It does not look again: nothing went on.
    expect(looks).toBe(at);
  }
  pinned.release();
  snapshot.release();
});
