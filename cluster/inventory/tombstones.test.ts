import { expect, test } from 'vitest';
import { formatInterval } from '../../model/index.js';
import { NEW_YEAR_MS, type TaskWorld, taskWorld } from './task-world-testing.js';

const DAY_MS = 86_400_000;

/** Writes a row on each of the days, numbered as in the calendar. */
const run = ({ run }: TaskWorld, segmentGranularity: string, days: number[], io: object = {}) =>
  run({
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: 't',
        timestampSpec: { column: 't' },
        dimensionsSpec: { dimensions: ['s'] },
        granularitySpec: { segmentGranularity, intervals: ['2024-01-01/2024-02-01'] },
      },
      ioConfig: {
        inputSource: {
          type: 'inline',
          data: days.map((day) => `{"t":${NEW_YEAR_MS + (day - 1) * DAY_MS}}`).join('\n'),
        },
        inputFormat: { type: 'json' },
        ...io,
      },
    },
  });

const chunks = ({ inventory }: TaskWorld) =>
  inventory
    .snapshot(['t'])
    .parts('t', [{ startMs: 0, endMs: 2 * NEW_YEAR_MS }])
    .map(({ id, rowCount }) => `${formatInterval(id.interval).slice(8, 35)} ${rowCount}`);

test('rows that come to where a month was replaced by days have days of their own', async () => {
  const node = await taskWorld();
  await run(node, 'month', [10, 20, 30]);
  await run(node, 'day', [10], { dropExisting: true });
  expect(chunks(node)).toEqual(['10T00:00:00.000Z/2024-01-11 1']);
  await run(node, 'day', [20], { appendToExisting: true });
  await run(node, 'day', [20, 30], { appendToExisting: true });
  expect(chunks(node)).toEqual([
    '10T00:00:00.000Z/2024-01-11 1',
    '20T00:00:00.000Z/2024-01-21 1',
    '20T00:00:00.000Z/2024-01-21 1',
    '30T00:00:00.000Z/2024-01-31 1',
  ]);
  await node.close();
});
