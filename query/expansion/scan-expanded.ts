import { segmentDecoder, withValues } from '../compiler/decoder.js';
import { rowSelector } from '../compiler/select-rows.js';
import type { PartialResult, ScanEngine } from '../engines/engine.js';
import type { ScanTarget } from '../interpreter/target.js';
import { openScan, type WalkResult, walk } from '../interpreter/walk.js';
import type { NativeQuery, UnnestSource } from '../native/query.js';
import { expandedSegment } from './expanded-segment.js';
import { conditionsOf, stepsOf } from './sources.js';
import { UnnestRows } from './unnest-rows.js';

type Scanning = Extract<NativeQuery, { readonly filter: unknown }>;

/** Scans a target as an engine does, or, where the data source makes other rows of its rows, those. */
export function scanTarget(
  engine: ScanEngine,
  query: NativeQuery,
  target: ScanTarget,
): ReturnType<ScanEngine['scan']> {
  return query.dataSource.type === 'unnest'
    ? scanExpanded(engine, query, target)
    : engine.scan(query, target);
}

/**
 * Step by step: rows that pass what can be tested of them become others, which are the next step's segment. Those of the last one are
 * scanned. Nothing but values goes out, for nobody has the segments.
 */
function scanExpanded(
  engine: ScanEngine,
  query: Scanning,
  target: ScanTarget,
): PartialResult | null {
  const conditions = conditionsOf(query);
  const { shared: _, ...alone } = target;
  let current: ScanTarget = { ...alone, scratchSlot: null, givesBlocks: 'never' };
  let first: WalkResult | null = null;
  for (const [i, step] of stepsOf(query.dataSource).entries()) {
    const walked = expand({ ...query, filter: conditions[i]! }, step, i === 0 ? target : current);
    first ??= walked.result;
    const extent = { from: 0, to: walked.segment.rowCount };
    current = { ...current, segment: walked.segment, extent, ranges: () => [extent] };
  }
  const partial = engine.scan({ ...query, filter: conditions.at(-1)! }, current);
  if (partial === null) return null;
  const counted = { ...partial, rowsScanned: first!.rowsScanned };
  if (counted.kind !== 'groups') return counted;
  const decoder = segmentDecoder(query, engine.groups(query), () => current.segment);
  // Buckets without rows are filled between all rows that there were.
  return { ...withValues(counted, decoder), visible: first!.visible };
}

function expand(query: Scanning, step: UnnestSource, target: ScanTarget) {
  const scan = openScan(target, query.virtualColumns);
  const rows = new UnnestRows(scan, step);
  const result = walk(scan, rowSelector(scan, query), () => rows.add());
  return { result, segment: expandedSegment(target.segment, rows.expanded) };
}
