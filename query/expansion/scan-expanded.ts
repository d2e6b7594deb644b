import { segmentDecoder, withValues } from '../compiler/decoder.js';
import { rowSelector } from '../compiler/select-rows.js';
import type { PartialResult, ScanEngine } from '../engines/engine.js';
import type { OpenRight, ScanTarget } from '../interpreter/target.js';
import { type OpenScan, openScan, type WalkResult, walk } from '../interpreter/walk.js';
import type { Expansion, NativeQuery } from '../native/query.js';
import { type ExpandedRows, expandedSegment } from './expanded-segment.js';
import { FilteredRows } from './filtered-rows.js';
import { JoinedRows } from './joined-rows.js';
import { rightSideOf } from './right-side.js';
import { conditionsOf, isExpansion, stepsOf } from './sources.js';
import { UnnestRows } from './unnest-rows.js';

type Scanning = Extract<NativeQuery, { readonly filter: unknown }>;

/** Scans a target as an engine does, or, where the data source makes other rows of its rows, those. */
export function scanTarget(
  engine: ScanEngine,
  query: NativeQuery,
  target: ScanTarget,
): ReturnType<ScanEngine['scan']> {
  return isExpansion(query.dataSource)
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
  const rights = [...(target.rights ?? [])];
  let current: ScanTarget = { ...alone, scratchSlot: null, givesBlocks: 'never' };
  let first: WalkResult | null = null;
  for (const [i, step] of stepsOf(query.dataSource).entries()) {
    const from = i === 0 ? target : current;
    const right = step.type === 'join' ? rights.shift()! : null;
    const walked = expand({ ...query, filter: conditions[i]! }, step, right, from);
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

function expand(query: Scanning, step: Expansion, right: OpenRight | null, target: ScanTarget) {
  const scan = openScan(target, query.virtualColumns);
  const rows = rowsOf(step, right, scan);
  const result = walk(scan, rowSelector(scan, query), () => rows.add());
  return { result, segment: expandedSegment(target.segment, rows.expanded) };
}

/** Makes rows of those on which a cursor stands. */
interface StepRows {
  add(): void;
  readonly expanded: ExpandedRows;
}

function rowsOf(step: Expansion, right: OpenRight | null, scan: OpenScan): StepRows {
  switch (step.type) {
    case 'unnest':
      return new UnnestRows(scan, step);
    case 'filter':
      return new FilteredRows(scan, step.filter);
    case 'join':
      return new JoinedRows(scan, step, rightSideOf(right!.segment), right!.seen);
  }
}
