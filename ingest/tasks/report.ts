import type { JsonObject } from '../../core/index.js';
import { formatInstant } from '../../model/index.js';
import { NO_ROWS, type ParseException, type Progress, type RowStats } from '../batch/progress.js';

/** What a task's report tells, in our words. */
export interface ReportFacts {
  readonly taskId: string;
  readonly ingestionState: 'NOT_STARTED' | 'BUILD_SEGMENTS' | 'COMPLETED';
  readonly stats: RowStats;
  readonly parseExceptions: readonly ParseException[];
  readonly errorMsg: string | null;
  readonly segmentsPublished: number;
  /** In all of them. */
  readonly starTreesBuilt: number;
  readonly context: JsonObject;
}

/** Druid's `ingestionStatsAndErrors` report. */
export function taskReport(facts: ReportFacts): JsonObject {
  return {
    ingestionStatsAndErrors: {
      type: 'ingestionStatsAndErrors',
      taskId: facts.taskId,
      payload: {
        ingestionState: facts.ingestionState,
        unparseableEvents: {
          determinePartitions: [],
          buildSegments: facts.parseExceptions.map(unparseableEvent),
        },
        rowStats: { determinePartitions: NO_ROWS, buildSegments: facts.stats },
        errorMsg: facts.errorMsg,
        segmentAvailabilityConfirmed: facts.ingestionState === 'COMPLETED',
        segmentAvailabilityWaitTimeMs: 0,
        recordsProcessed: null,
        segmentsRead: null,
        segmentsPublished: facts.segmentsPublished,
        // Druid knows no such member.
        ...(facts.starTreesBuilt > 0 && { starTreesBuilt: facts.starTreesBuilt }),
      },
    },
    taskContext: contextReport(facts.taskId, facts.context),
  };
}

/** The part of a report that says what the task was told beside its spec. */
export const contextReport = (taskId: string, context: JsonObject): JsonObject => ({
  type: 'taskContext',
  taskId,
  payload: context,
});

const unparseableEvent = ({ timeMs, errorType, input, details }: ParseException): JsonObject => ({
  timeOfException: formatInstant(timeMs),
  errorType,
  input,
  details,
});

/** The report of a task that still runs: Druid's live totals and rates. */
export function liveReport(facts: ReportFacts, progress: Progress | null): JsonObject {
  const report = taskReport(facts);
  const events = report.ingestionStatsAndErrors as { payload: JsonObject };
  const rate = { ...NO_ROWS, processed: progress?.rowsPerSecond ?? 0 };
  const rowStats = {
    movingAverages: { buildSegments: { '1m': rate, '5m': rate, '15m': rate } },
    totals: { buildSegments: progress?.stats ?? NO_ROWS },
  };
  return {
    ...report,
    ingestionStatsAndErrors: {
      ...events,
      payload: { ...events.payload, rowStats, phase: progress?.phase ?? 'WAITING' },
    },
  };
}
