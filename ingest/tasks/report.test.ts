import { expect, test } from 'vitest';
import { NO_ROWS } from '../batch/progress.js';
import { liveReport, type ReportFacts, taskReport } from './report.js';
import { statsOf } from './testing.js';

const FACTS: ReportFacts = {
  taskId: 'x',
  ingestionState: 'COMPLETED',
  stats: statsOf(5),
  parseExceptions: [
    { timeMs: 0, errorType: 'PARTIALLY_PARSEABLE', input: '{"n":"x"}', details: ['n: no number'] },
  ],
  errorMsg: null,
  segmentsPublished: 2,
  starTreesBuilt: 0,
  context: { priority: 7 },
};

const BAD_ROW = {
  timeOfException: '1970-01-01T00:00:00.000Z',
  errorType: 'PARTIALLY_PARSEABLE',
  input: '{"n":"x"}',
  details: ['n: no number'],
};

test('the report of a task that has ended, as Druid shapes it', () => {
  expect(taskReport(FACTS)).toEqual({
    ingestionStatsAndErrors: {
      type: 'ingestionStatsAndErrors',
      taskId: 'x',
      payload: {
        ingestionState: 'COMPLETED',
        unparseableEvents: { determinePartitions: [], buildSegments: [BAD_ROW] },
        rowStats: { determinePartitions: NO_ROWS, buildSegments: statsOf(5) },
        errorMsg: null,
        segmentAvailabilityConfirmed: true,
        segmentAvailabilityWaitTimeMs: 0,
        recordsProcessed: null,
        segmentsRead: null,
        segmentsPublished: 2,
      },
    },
    taskContext: { type: 'taskContext', taskId: 'x', payload: { priority: 7 } },
  });
});

test.each([
  {
    name: 'that waits',
    progress: null,
    rowStats: {
      movingAverages: { buildSegments: { '1m': NO_ROWS, '5m': NO_ROWS, '15m': NO_ROWS } },
      totals: { buildSegments: NO_ROWS },
    },
    phase: 'WAITING',
  },
  {
    name: 'that runs',
    progress: {
      phase: 'MERGE' as const,
      stats: statsOf(9),
      parseExceptions: [],
      rowsPerSecond: 2.5,
    },
    rowStats: {
      movingAverages: {
        buildSegments: Object.fromEntries(
          ['1m', '5m', '15m'].map((span) => [span, { ...NO_ROWS, processed: 2.5 }]),
        ),
      },
      totals: { buildSegments: statsOf(9) },
    },
    phase: 'MERGE',
  },
])('the report of a task $name', ({ progress, rowStats, phase }) => {
  const facts = { ...FACTS, ingestionState: 'BUILD_SEGMENTS', segmentsPublished: 0 } as const;
  const { ingestionStatsAndErrors: ended, ...rest } = taskReport(facts);
  const { payload } = ended as { payload: object };
  expect(liveReport(facts, progress)).toEqual({
    ...rest,
    ingestionStatsAndErrors: { ...(ended as object), payload: { ...payload, rowStats, phase } },
  });
  expect(payload).toMatchObject({ segmentAvailabilityConfirmed: false });
});
