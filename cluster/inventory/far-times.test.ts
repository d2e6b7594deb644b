import { expect, test } from 'vitest';
import { attachSegment } from '../../segments/index.js';
import { type TaskWorld, taskWorld } from './task-world-testing.js';

const { MAX_SAFE_INTEGER: LAST, MIN_SAFE_INTEGER: FIRST } = Number;
const DAY_MS = 86_400_000;

const taskOf = (
  segmentGranularity: string,
  queryGranularity: string,
  times: readonly number[],
) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 't',
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: { dimensions: ['s'] },
      metricsSpec: [{ type: 'count', name: 'rows' }],
      granularitySpec: { segmentGranularity, queryGranularity },
    },
    ioConfig: {
      inputSource: { type: 'inline', data: times.map((t) => `{"t":${t},"s":"a"}`).join('\n') },
      inputFormat: { type: 'json' },
    },
  },
});

/** Times of the visible rows and how many rows came into each. */
async function storedRows({ inventory }: TaskWorld) {
  const snapshot = inventory.snapshot(['t']);
  const rows: unknown[][] = [];
  const all = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY };
  for (const part of snapshot.parts('t', [all])) {
    const { handle, release } = await part.pin({ columns: 'all' });
    const cursor = attachSegment(handle).cursor();
    for (; cursor.row < cursor.rowCount; cursor.row++) {
      rows.push([cursor.timeMs(), cursor.column('rows').get()]);
    }
    release();
  }
  snapshot.release();
  return rows;
}

test.each([
  ['all', 'all', [-5, 5, DAY_MS], [[FIRST, 3]]],
  ['all', 'all', [FIRST, LAST], [[FIRST, 2]]],
  ['all', 'none', [FIRST, 0, LAST], [FIRST, 0, LAST].map((time) => [time, 1])],
  [
    'all',
    'day',
    [FIRST, 5],
    [
      [FIRST, 1],
      [0, 1],
    ],
  ],
  [
    'day',
    'all',
    [5, 6, DAY_MS + 5],
    [
      [0, 2],
      [DAY_MS, 1],
    ],
  ],
  ['day', 'none', [FIRST, LAST], [FIRST, LAST].map((time) => [time, 1])],
])('segments of %s, rows by %s', async (chunks, rows, times, expected) => {
  const node = await taskWorld();
  expect(await node.run(taskOf(chunks, rows, times))).toMatchObject({ status: 'SUCCESS' });
  expect(node.inventory.segments('t').every(({ isReadable }) => isReadable)).toBe(true);
  expect(await storedRows(node)).toEqual(expected);
  const compacted = await node.run({
    type: 'compact',
    dataSource: 't',
    ioConfig: { inputSpec: { type: 'interval', interval: '-146136543/146140482' } },
  });
  expect(compacted).toMatchObject({ status: 'SUCCESS' });
  expect(await storedRows(node)).toEqual(expected);
  await node.close();
});
