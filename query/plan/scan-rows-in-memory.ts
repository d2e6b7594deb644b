import type { Interval, LookupTable } from '../../model/index.js';
import type { ScanEngine } from '../engines/engine.js';
import type { JobSource, ScanBatch, ScanJob } from '../executor/executor.js';
import { openSource } from '../executor/run-job.js';
import { scanGroups } from '../executor/scan-groups.js';
import type { GroupRows } from '../interpreter/groups-segment.js';
import { encodeBlock, hasTime, type RowBlock, timelessSpans } from '../interpreter/rows-segment.js';
import type { NativeQuery } from '../native/query.js';
import { countJob } from './count-job.js';
import { rowRanges } from './row-ranges.js';
import type { ScanOptions, ScanResult, ScanResults } from './scan-parts.js';
import { withoutTable } from './worker-spec.js';

/** Scans rows in memory. Rows without a time of their own lie in every interval. */
export function scanBlock(
  query: NativeQuery,
  block: RowBlock,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResults> {
  const source: JobSource = { kind: 'rows', block: encodeBlock(block) };
  const spans = hasTime(block) ? query.intervals : timelessSpans(query.intervals);
  return scanSource(query, { source, rowCount: block.rowCount, spans }, options, signal);
}

/** Scans the pairs of a lookup, which have no time. */
export function scanLookup(
  query: NativeQuery,
  { contentId, buffer, size }: LookupTable,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResults> {
  const source: JobSource = { kind: 'lookup', handle: { contentId, buffer } };
  const spans = timelessSpans(query.intervals);
  return scanSource(query, { source, rowCount: size, spans }, options, signal);
}

interface RowsHere {
  readonly source: JobSource;
  readonly rowCount: number;
  readonly spans: readonly Interval[];
}

async function scanSource(
  query: NativeQuery,
  { source, rowCount, spans }: RowsHere,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResults> {
  const { executor, limits, stats, rights } = options;
  const jobs = rowRanges({ from: 0, to: rowCount }, options.rowsPerJob).map(
    (range): ScanJob => ({ ...range, source, spans, rowsExpected: range.to - range.from }),
  );
  const spec = withoutTable(query);
  const batch: ScanBatch = {
    kind: 'scan',
    query: spec,
    jobs,
    rights,
    bundles: jobs.map((_, i) => i + 1),
    mergesJobs: false,
    givesBlocks: 'never',
    limits,
    priority: query.context.priority,
  };
  const partials = await executor.run(batch, signal);
  stats.jobs += jobs.length;
  const results = partials.flatMap((partial) => {
    if (partial === null) return [];
    countJob(stats, partial);
    return [{ partial, segmentId: null, decoder: null, source: null }];
  });
  return { results, spec, release: () => undefined };
}

/**
 * Scans the groups of an inner query. They are many small numbers in this thread's memory: to send them away
 * would take as long as to fold them here. Others get their turn between ranges of them.
 */
export async function scanGroupRows(
  engine: ScanEngine,
  query: NativeQuery,
  { segment, rowCount }: GroupRows,
  { limits, stats, rights }: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResults> {
  const open = rights.map(({ source, seen }) => ({ segment: openSource(source), seen }));
  const results: ScanResult[] = [];
  for (const range of rowRanges({ from: 0, to: rowCount }, ROWS_PER_TURN)) {
    await new Promise((resolve) => setImmediate(resolve));
    const partial = scanGroups(engine, query, segment, range, {
      rights: open,
      limits,
      scratchSlot: null,
      givesBlocks: 'never',
      checkCancelled: () => signal.throwIfAborted(),
    });
    stats.rowsScanned += partial.rowsScanned;
    results.push({ partial, segmentId: null, decoder: null, source: null });
  }
  return { results, spec: query.spec, release: () => undefined };
}

/** Groups of an inner query that are folded at a time. */
const ROWS_PER_TURN = 50_000;
