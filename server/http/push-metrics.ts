import type { EngineStats, TableStats } from '../../ingest/index.js';
import { counter, gauge, type Metric, type Sample } from './metric.js';

/** What the push worker tells of itself and of its tables. Counts of rows go on across restarts. */
export function pushMetrics({ tables, ...stats }: EngineStats, inFlightBytes: number): Metric[] {
  /** One sample for each table that has a value. */
  const perTable = (read: (table: TableStats) => number | null): Sample[] =>
    tables.flatMap((table) => {
      const value = read(table);
      return value === null ? [] : [{ labels: { table: table.table }, value }];
    });
  return [
    counter(
      'varve_ingest_rows_total',
      'Rows that were pushed, by what became of them; their sum is what was received.',
      tables.flatMap(rowSamples),
    ),
    counter(
      'varve_ingest_dead_letters_total',
      'Dead letters ever made.',
      perTable((t) => t.letters),
    ),
    gauge(
      'varve_ingest_buffered_rows',
      'Rows that are not published yet.',
      perTable((t) => t.bufferedRows),
    ),
    gauge(
      'varve_ingest_buffered_bytes',
      'What they take in memory.',
      perTable((t) => t.bufferedBytes),
    ),
    gauge(
      'varve_ingest_rows_per_second',
      'Over the last seconds.',
      perTable((t) => t.rowsPerSecond),
    ),
    gauge(
      'varve_ingest_freshness_seconds',
      'How far the newest stored row lies behind the clock.',
      perTable((t) => seconds(t.freshnessMs)),
    ),
    gauge(
      'varve_ingest_watermark_seconds',
      'All rows up to this time since 1970 have come, as far as the sources tell.',
      perTable((t) => seconds(t.watermarkMs)),
    ),
    gauge('varve_ingest_waiting_pushes', 'Pushes that wait for the log.', stats.waitingPushes),
    gauge('varve_ingest_waiting_bytes', 'Their bytes.', stats.waitingBytes),
    gauge(
      'varve_ingest_in_flight_bytes',
      'Pushes that are being read or not answered yet.',
      inFlightBytes,
    ),
    gauge(
      'varve_ingest_lag_seconds',
      'How long the oldest of them has waited.',
      stats.lagMs / 1000,
    ),
    gauge('varve_ingest_log_bytes', 'The push log on disk.', stats.logBytes),
    gauge('varve_ingest_memory_bytes', 'Live rows of all tables.', stats.memoryBytes),
    gauge(
      'varve_ingest_blocked',
      '1 while no push is acknowledged, as when the disk is full.',
      stats.blocked === null ? 0 : 1,
    ),
  ];
}

const FATES = ['stored', 'late', 'rejected', 'deduplicated'] as const;

const rowSamples = (table: TableStats): Sample[] =>
  FATES.map((fate) => ({ labels: { table: table.table, fate }, value: table[fate] }));

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
