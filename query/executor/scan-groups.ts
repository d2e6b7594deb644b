import { invariant } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import { segmentDecoder, withValues } from '../compiler/decoder.js';
import type { PartialResult, ScanEngine } from '../engines/engine.js';
import { scanTarget } from '../expansion/scan-expanded.js';
import type { RowRange, ScanTarget } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';

/** Runs an outer query over a range of the groups of an inner one, as the rows of a segment that does not outlive it. */
export function scanGroups(
  engine: ScanEngine,
  query: NativeQuery,
  segment: Segment,
  range: RowRange,
  shared: Omit<ScanTarget, 'segment' | 'ranges' | 'extent' | 'spans'>,
): PartialResult {
  invariant('intervals' in query, 'a query that scans has intervals');
  const target: ScanTarget = {
    ...shared,
    segment,
    ranges: () => [range],
    extent: range,
    spans: query.intervals,
  };
  const partial = scanTarget(engine, query, target);
  invariant(partial !== null, 'a scan that shares nothing has an answer');
  if (partial.kind !== 'groups') return partial;
  // Codes would be those of the segment's dictionaries, which nobody has who merges the partials.
  return withValues(
    partial,
    segmentDecoder(query, engine.groups(query), () => segment),
  );
}
