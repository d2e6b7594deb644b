import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ArenaPool,
  CancelledError,
  failOperation,
  ManualClock,
  SeededRandom,
  UserError,
  VirtualDisk,
} from '../../core/index.js';
import { formatInterval } from '../../model/index.js';
import { openSegment, type SealedSegment } from '../../segments/index.js';
import type { InputBatch } from '../input/batch.js';
import type { ByteSource } from '../input/sources/source.js';
import { batchOf, type Fields, specOf, type TestSpec } from '../rows/testing.js';
import type { TaskSpec } from '../spec/task-spec.js';
import {
  type BatchEnvironment,
  type BatchJob,
  type BatchResult,
  runBatchJob,
} from './batch-job.js';
import type { Progress } from './progress.js';

const DAY_MS = 86_400_000;

function environmentOn(disk: VirtualDisk, clock = new ManualClock(0)): BatchEnvironment {
  return {
    input: { disk, localRoots: [], httpHosts: [], fetch, maxEntityBytes: 1, clock },
    disk,
    segmentsDir: '/data/segments',
    temporaryDir: '/data/tmp',
    random: new SeededRandom(7),
    clock,
    memoryBytes: 64 * 2 ** 20,
  };
}

function jobOf(spec: TaskSpec, settings: Partial<BatchJob> = {}): BatchJob {
  const { signal } = new AbortController();
  return {
    taskId: 't',
    spec,
    chunkIntervals: [],
    slices: [],
    signal,
    onProgress: () => undefined,
    ...settings,
  };
}

/** Every file below a directory. */
function filesBelow(disk: VirtualDisk, path: string): string[] {
  return disk.list(path).flatMap((name) => {
    const below = `${path}/${name}`;
    return disk.stat(below)?.kind === 'directory' ? filesBelow(disk, below) : [below];
  });
}

/** The rows of all segments as sorted JSON texts, each with its chunk's start. */
function storedRows(disk: VirtualDisk, { segments }: BatchResult, names: string[]): string[] {
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 28 });
  return segments
    .flatMap(({ interval, sealed }) => {
      const segment = openSegment(disk, sealed.path, pool);
      expect(segment.rowCount).toBe(sealed.rowCount);
      const cursor = segment.cursor();
      const readers = names.map((name) => cursor.column(name));
      const rows = Array.from({ length: segment.rowCount }, (_, row) => {
        cursor.row = row;
        return JSON.stringify([interval.startMs, ...readers.map((reader) => reader.get())]);
      });
      segment.close();
      return rows;
    })
    .sort();
}

/** Runs of 1 … `size` rows. */
function inBatches(rows: readonly Fields[], size: number): InputBatch[] {
  const batches: InputBatch[] = [];
  for (let at = 0; at < rows.length; at += size) batches.push(batchOf(rows.slice(at, at + size)));
  return batches;
}

describe('against a naive evaluation of row objects', () => {
  const ts = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 3 * DAY_MS - 1 }) },
    { weight: 1, arbitrary: fc.constantFrom('bad', null, '1970-01-02T00:00:00Z') },
  );
  const anyRow = fc.record({
    ts,
    s: fc.constantFrom<unknown>('a', 'b', 1, true, null, undefined, [], ['a', 'b'], ['b', 'a']),
    l: fc.constantFrom<unknown>(1, 2.9, '3', 'x', null, '4.0'),
    x: fc.constantFrom<unknown>(1, 7, 2.5, null),
    m: fc.constantFrom<unknown>(1, 2, '1,000', 'none', null),
  });
  type Row = Readonly<Record<'ts' | 's' | 'l' | 'x' | 'm', unknown>>;

  const textOf = (value: unknown): unknown => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return String(value);
    return value.length === 0 ? null : value;
  };
  const longs = new Map<unknown, number>([
    [1, 1],
    [2.9, 2],
    ['3', 3],
    ['4.0', 4],
  ]);
  const sums = new Map<unknown, number>([
    [1, 1],
    [2, 2],
    ['1,000', 1000],
  ]);
  const halfOf = (x: unknown) =>
    typeof x !== 'number' ? null : Number.isInteger(x) ? Math.trunc(x / 2) : x / 2;
  const timeOf = (value: unknown) => {
    if (typeof value === 'number') return value;
    return value === '1970-01-02T00:00:00Z' ? DAY_MS : null;
  };

  /** Chunk start, time, s, l, half, count, sum of every row that is kept. */
  function naive(rows: readonly Row[], rollup: boolean) {
    const stored = new Map<string, { key: unknown[]; count: number; sum: number | null }>();
    const stats = { processed: 0, processedWithError: 0, thrownAway: 0, unparseable: 0 };
    for (const [i, row] of rows.entries()) {
      const timeMs = timeOf(row.ts);
      if (timeMs === null) {
        stats.unparseable++;
        continue;
      }
      const half = halfOf(row.x);
      if (half === 3 || timeMs >= 2.5 * DAY_MS) {
        stats.thrownAway++;
        continue;
      }
      if (row.l === 'x' || row.m === 'none') stats.processedWithError++;
      else stats.processed++;
      const chunk = Math.floor(timeMs / DAY_MS) * DAY_MS;
      const hour = Math.floor(timeMs / 3_600_000) * 3_600_000;
      const key = [chunk, hour, textOf(row.s), longs.get(row.l) ?? null, half];
      const id = rollup ? JSON.stringify(key) : String(i);
      const group = stored.get(id) ?? { key, count: 0, sum: null };
      const added = sums.get(row.m);
      group.count++;
      if (added !== undefined) group.sum = (group.sum ?? 0) + added;
      stored.set(id, group);
    }
    const cells = [...stored.values()].map(({ key, count, sum }) =>
      JSON.stringify([...key, count, sum]),
    );
    return { cells: cells.sort(), stats };
  }

  const settings = fc.record({
    rows: fc.array(anyRow, { maxLength: 120 }),
    batchSize: fc.integer({ min: 1, max: 50 }),
    rollup: fc.boolean(),
    maxRowsInMemory: fc.constantFrom(1, 10, 1_000_000),
    maxRowsPerSegment: fc.constantFrom(7, 5_000_000),
  });

  test('the same rows and counts, however they are batched and spilled', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async ({ rows, batchSize, rollup, ...tuning }) => {
        const spec: TestSpec = {
          dimensions: { s: 'STRING', l: 'LONG', half: 'DOUBLE' },
          transforms: { half: 'x / 2' },
          filter: {
            type: 'or',
            fields: [
              { type: 'selector', dimension: 'half', value: null },
              { type: 'not', field: { type: 'selector', dimension: 'half', value: '3' } },
            ],
          },
          metrics: [
            { type: 'count', name: 'count' },
            { type: 'longSum', name: 'sum', fieldName: 'm' },
          ],
          intervals: [{ startMs: 0, endMs: 2.5 * DAY_MS }],
          queryGranularity: 'hour',
          rollup,
          tuning,
          batches: inBatches(rows, batchSize),
        };
        const disk = new VirtualDisk();
        const result = await runBatchJob(jobOf(specOf(spec)), environmentOn(disk));
        const expected = naive(rows as Row[], rollup);
        const columns = ['__time', 's', 'l', 'half', 'count', 'sum'];
        expect(result.stats).toEqual({ ...expected.stats, processedBytes: 10 * rows.length });
        expect(storedRows(disk, result, columns)).toEqual(expected.cells);
        for (const { sealed } of result.segments) {
          expect(sealed.rowCount).toBeLessThanOrEqual(tuning.maxRowsPerSegment);
        }
        const paths = result.segments.map(({ sealed }) => sealed.path);
        expect(filesBelow(disk, '/data').sort()).toEqual(paths.sort());
      }),
      { numRuns: 150 },
    );
  });
});

const ROWS: Fields[] = Array.from({ length: 40 }, (_, i) => ({
  ts: i * (DAY_MS / 10),
  s: `v${i % 3}`,
}));
const SPILLING: TestSpec = {
  dimensions: { s: 'STRING' },
  tuning: { maxRowsInMemory: 5 },
  batches: inBatches(ROWS, 3),
};

test('a disk that fails at any call leaves no file behind', async () => {
  const trial = new VirtualDisk();
  await runBatchJob(jobOf(specOf(SPILLING)), environmentOn(trial));
  expect(trial.operationCount).toBeGreaterThan(100);
  for (let index = 0; index < trial.operationCount; index += 1) {
    const disk = new VirtualDisk();
    disk.setFaults(failOperation(index));
    const failed = await runBatchJob(jobOf(specOf(SPILLING)), environmentOn(disk)).then(
      () => false,
      () => true,
    );
    disk.setFaults(null);
    if (failed) expect(filesBelow(disk, '/data')).toEqual([]);
  }
});

test.each(['BUILD_SEGMENTS', 'MERGE'])('an abort in phase %s leaves no file', async (phase) => {
  const disk = new VirtualDisk();
  const clock = new ManualClock(0);
  const abort = new AbortController();
  const reason = new CancelledError('Shutdown request from user');
  const onProgress = (progress: Progress) => {
    clock.advance(1000);
    if (progress.phase === phase) abort.abort(reason);
  };
  // Time moves with every batch, so that each is worth a progress report.
  const ticking = {
    nowMs() {
      clock.advance(150);
      return clock.nowMs();
    },
  };
  const job = jobOf(specOf(SPILLING), { signal: abort.signal, onProgress });
  const environment = { ...environmentOn(disk, clock), clock: ticking };
  await expect(runBatchJob(job, environment)).rejects.toBe(reason);
  expect(filesBelow(disk, '/data')).toEqual([]);
});

test('an abort reaches a source that hangs', async () => {
  const abort = new AbortController();
  const reason = new CancelledError('stop');
  const spec = specOf({});
  const format = { type: 'hangs', read: () => neverEnding() };
  const source = spec.inputs[0]!.source as ByteSource;
  const hanging = { ...spec, inputs: [{ source, format }] };
  const running = runBatchJob(
    jobOf(hanging, { signal: abort.signal }),
    environmentOn(new VirtualDisk()),
  );
  setImmediate(() => abort.abort(reason));
  await expect(running).rejects.toBe(reason);
});

async function* neverEnding(): AsyncGenerator<InputBatch> {
  await new Promise(() => undefined);
  yield batchOf([]);
}

test('too many rows in error fail the task and name the last reason', async () => {
  const batches = [batchOf([{ ts: 0 }, { ts: 'no' }], [{ input: '{', reason: 'not JSON' }])];
  const disk = new VirtualDisk();
  const told: Progress[] = [];
  const run = (maxParseExceptions: number) =>
    runBatchJob(
      jobOf(specOf({ batches, tuning: { maxParseExceptions, maxSavedParseExceptions: 1 } }), {
        onProgress: (progress) => told.push(progress),
      }),
      environmentOn(disk),
    );
  const failure = await run(1).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UserError);
  expect(String(failure)).toContain('Max parse exceptions[1] exceeded');
  expect(String(failure)).toContain('the timestamp "no"');
  expect(filesBelow(disk, '/data')).toEqual([]);
  expect(told.at(-1)?.stats).toMatchObject({ processed: 1, unparseable: 2 });
  expect(told.at(-1)?.parseExceptions).toMatchObject([{ input: '{"ts":"no"}' }]);
  const { stats, parseExceptions } = await run(2);
  expect(told.at(-1)).toMatchObject({ phase: 'MERGE', stats, parseExceptions });
  expect(stats).toEqual({
    processed: 1,
    processedWithError: 0,
    thrownAway: 0,
    unparseable: 2,
    processedBytes: 20,
  });
  expect(parseExceptions).toEqual([
    {
      timeMs: 0,
      errorType: 'UNPARSEABLE',
      input: '{"ts":"no"}',
      details: ['the timestamp "no" is not of the format "auto"'],
    },
  ]);
});

const columnNames = ({ columns }: SealedSegment) => columns.map(({ name }) => name);

test('dimensions found late are null in earlier rows and missing in no segment', async () => {
  const rows = [
    { ts: 0, a: 1 },
    { ts: DAY_MS, a: 2 },
    { ts: 0, b: 'x' },
  ];
  for (const maxRowsInMemory of [1, 100]) {
    const spec = specOf({
      discover: 'typed',
      tuning: { maxRowsInMemory },
      batches: inBatches(rows, 1),
    });
    const disk = new VirtualDisk();
    const result = await runBatchJob(jobOf(spec), environmentOn(disk));
    expect(result.segments.map(({ sealed }) => columnNames(sealed))).toEqual([
      ['__time', 'a', 'b'],
      ['__time', 'a', 'b'],
    ]);
    expect(storedRows(disk, result, ['a', 'b'])).toEqual([
      '[0,1,null]',
      '[0,null,"x"]',
      `[${DAY_MS},2,null]`,
    ]);
  }
});

test('appended rows go into the chunk that holds their time', async () => {
  const chunkIntervals = [{ startMs: 0, endMs: 31 * DAY_MS }];
  const spec = specOf({ batches: [batchOf([{ ts: DAY_MS }, { ts: 31 * DAY_MS }])] });
  const { segments } = await runBatchJob(
    jobOf(spec, { chunkIntervals }),
    environmentOn(new VirtualDisk()),
  );
  expect(segments.map(({ interval }) => formatInterval(interval))).toEqual([
    '1970-01-01T00:00:00.000Z/1970-02-01T00:00:00.000Z',
    '1970-02-01T00:00:00.000Z/1970-02-02T00:00:00.000Z',
  ]);
  for (const { sealed } of segments) {
    expect(sealed.path).toMatch(/^\/data\/segments\/%54est%2f1\/[0-9a-f]{32}-[01]\.varve$/);
  }
});

test.each([1, 1.5, 2, 3])(
  'rows beyond a memory budget of %s MiB go to disk in time',
  async (mib) => {
    // Wide rows: most memory is that of columns, which ask for twice as much when they are full.
    const longs = Array.from({ length: 40 }, (_, i) => `l${i}`);
    const names = ['s', ...longs];
    const rows = Array.from({ length: 4000 }, (_, i): Fields => {
      const cells = longs.map((name, j) => [name, i * 2 ** (j % 40)]);
      return { ts: (i % 50) * DAY_MS, s: `${i}`, ...Object.fromEntries(cells) };
    });
    const types = longs.map((name) => [name, 'LONG'] as const);
    const dimensions = { s: 'STRING', ...Object.fromEntries(types) } as const;
    const spec = specOf({ dimensions, batches: inBatches(rows, 300) });
    const disk = new VirtualDisk();
    const environment = { ...environmentOn(disk), memoryBytes: mib * 2 ** 20 };
    const result = await runBatchJob(jobOf(spec), environment);
    expect(storedRows(disk, result, ['__time', ...names])).toEqual(
      rows.map((row) => JSON.stringify([row.ts, row.ts, ...names.map((name) => row[name])])).sort(),
    );
  },
);

test('no rows make no segments', async () => {
  const disk = new VirtualDisk();
  const { segments } = await runBatchJob(jobOf(specOf({})), environmentOn(disk));
  expect([segments, filesBelow(disk, '/data')]).toEqual([[], []]);
});
