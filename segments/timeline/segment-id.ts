import { formatInstant } from '../../model/index.js';
import type { SegmentId } from '../types.js';

/**
 * Druid's text of a segment id: `<dataSource>_<start>_<end>_<version>`, and `_<partitionNum>` only
 * where the partition is not 0.
 */
export function segmentIdText(id: SegmentId): string {
  const { startMs, endMs } = id.interval;
  const chunk = `${id.dataSource}_${formatInstant(startMs)}_${formatInstant(endMs)}_${id.version}`;
  return id.partitionNum === 0 ? chunk : `${chunk}_${id.partitionNum}`;
}
