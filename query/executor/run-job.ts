import { InternalError } from '../../core/index.js';
import { attachSegment, type Segment } from '../../segments/index.js';
import type { PartialResult } from '../engines/engine.js';
import { scanEngineOf } from '../engines/registry.js';
import { decodeBlock, type RowBlock, rowsSegment } from '../interpreter/rows-segment.js';
import type { ScratchSlot } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import type { JobSource, ScanJob } from './executor.js';

/** Opens a job's rows for reading. */
export function openSource(source: JobSource): Segment {
  return source.kind === 'segment' ? attachSegment(source.handle) : openBlock(source.block);
}

const openBlock = (block: RowBlock): Segment => rowsSegment(decodeBlock(block));

/** Runs a job on its opened parts. */
export function runJob(
  job: Pick<ScanJob, 'from' | 'to' | 'spans' | 'limits'>,
  query: NativeQuery,
  segment: Segment,
  scratchSlot: ScratchSlot | null,
  checkCancelled: () => void,
): PartialResult {
  const engine = scanEngineOf(query);
  if (engine === undefined) throw new InternalError(`${query.queryType} has no scan`);
  checkCancelled();
  const { from, to, spans, limits } = job;
  return engine.scan(query, { segment, from, to, spans, limits, scratchSlot, checkCancelled });
}
