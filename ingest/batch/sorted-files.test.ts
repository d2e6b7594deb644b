import { expect, test } from 'vitest';
import { ArenaPool, type JsonObject, VirtualDisk } from '../../core/index.js';
import { type Interval, parseAggregator, parseGranularity } from '../../model/index.js';
import { MutableSegment, sealSegments } from '../../segments/index.js';
import { inputTypes, type PlainRow, rowsOf, schemaOf } from '../../segments/testing.js';
import { specOf, type TestSpec } from '../rows/testing.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { partSlices } from './sorted-files.js';
import { TimeChunks } from './time-chunks.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const STORED = { type: 'count', name: 'n' };
const COMBINING = { type: 'longSum', name: 'n', fieldName: 'n' };

interface Stored {
  readonly metrics?: readonly JsonObject[];
  readonly rows?: readonly PlainRow[];
  readonly rollup?: boolean;
}

/** A file of hours, with the dimensions `s` and `m`. */
function fileOf(disk: VirtualDisk, { metrics = [STORED], rollup = true, ...stored }: Stored) {
  const { rows = [{ __time: HOUR_MS, s: 'a' }] } = stored;
  const schema = schemaOf({ s: 'STRING', m: 'STRING' }, metrics, {
    rollup,
    queryGranularity: parseGranularity('hour', ''),
  });
  const pool = new ArenaPool({ arenaBytes: 1 << 20, maxBytes: 1 << 26 });
  const segment = new MutableSegment(schema, pool);
  segment.append(rowsOf(rows, inputTypes(schema)));
  const options = { maxRowsPerSegment: 100 };
  const [sealed] = sealSegments(disk, '/in', () => 'f', [segment.snapshot()], schema, options);
  segment.close();
  return sealed!;
}

interface Asked extends TestSpec {
  readonly slice?: Interval;
  readonly spec?: Partial<TaskSpec>;
  readonly stored?: Stored;
  readonly chunks?: readonly Interval[];
}

/** Whether the file is taken as it is. */
function isTaken({ slice, spec: changes, stored = {}, chunks = [], ...test }: Asked): boolean {
  const disk = new VirtualDisk();
  const { path } = fileOf(disk, stored);
  const spec: TaskSpec = {
    ...specOf({
      dimensions: { s: 'STRING', m: 'STRING' },
      metrics: [COMBINING],
      queryGranularity: 'hour',
      rollup: true,
      ...test,
    }),
    timestamp: { column: '__time', format: 'millis', missingValue: null },
    ...changes,
  };
  const times = new TimeChunks(spec.granularity.segmentGranularity, chunks);
  const { granularity, dimensions, metrics } = spec;
  const schema = {
    ...granularity,
    dataSource: 't',
    dimensions: dimensions.listed.map((each) => ({
      ...each,
      multiValueHandling: 'ARRAY' as const,
    })),
    metrics,
    chunkOf: (timeMs: number) => times.spanAt(timeMs),
  };
  const slices = [{ path, interval: slice ?? { startMs: 0, endMs: DAY_MS } }];
  const parts = partSlices(disk, spec, slices, schema, Number.MAX_SAFE_INTEGER);
  expect(parts.files.length + parts.slices.length).toBe(1);
  const [file] = parts.files;
  if (file !== undefined) expect(file.piece).toMatchObject({ path, isShared: true });
  return file !== undefined;
}

const lists = { stored: { rows: [{ __time: HOUR_MS, s: 'a', m: ['b', 'a'] }] } };

test.each<[string, Asked, boolean]>([
  ['the same rows', {}, true],
  ['lists, in their order', lists, true],
  ['more columns', { dimensions: { s: 'STRING', x: 'LONG', m: 'STRING' } }, true],
  ['finer times', { queryGranularity: 'none' }, true],
  ['no rollup', { rollup: false }, true],
  ['a metric less', { metrics: [] }, true],
  ['coarser times', { queryGranularity: 'day' }, false],
  ['rows that were not rolled up', { stored: { rollup: false } }, false],
  ['another order', { dimensions: { m: 'STRING', s: 'STRING' } }, false],
  ['a dimension less', { dimensions: { s: 'STRING' } }, false],
  ['another type', { dimensions: { s: 'LONG', m: 'STRING' } }, false],
  ['another metric', { metrics: [{ type: 'longMax', name: 'n', fieldName: 'n' }] }, false],
  ['rows counted anew', { metrics: [STORED] }, false],
  ['a part of the rows', { slice: { startMs: 0, endMs: HOUR_MS } }, false],
  ['discovered columns', { discover: 'strings' }, false],
  ['a filter', { filter: { type: 'selector', dimension: 's', value: 'a' } }, false],
  ['another interval', { intervals: [{ startMs: 2 * DAY_MS, endMs: 3 * DAY_MS }] }, false],
  ['its interval', { intervals: [{ startMs: 0, endMs: DAY_MS }] }, true],
  ['another column of times', { spec: { timestamp: specOf({}).timestamp } }, false],
  [
    'several chunks',
    {
      stored: { rows: [{ __time: 0 }, { __time: DAY_MS }] },
      slice: { startMs: 0, endMs: 2 * DAY_MS },
    },
    false,
  ],
  [
    'a chunk that begins within an hour',
    {
      chunks: [{ startMs: HOUR_MS / 2, endMs: DAY_MS }],
      stored: { rows: [{ __time: HOUR_MS }] },
    },
    true,
  ],
])('a file of a table, to be stored with %s: taken as it is: %#', (_, asked, expected) => {
  expect(isTaken(asked)).toBe(expected);
});

test('a metric that no file has is one that combines', () => {
  const sum = parseAggregator({ type: 'longSum', name: 'x', fieldName: 'x' }, 'x').spec;
  expect(isTaken({ metrics: [COMBINING, sum] })).toBe(true);
  expect(isTaken({ metrics: [COMBINING, { type: 'count', name: 'x' }] })).toBe(false);
});
