import { formatInstant, parseInstant } from '../../model/index.js';
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

/**
 * The id that a text stands for; null when it is not one of this data source. The data source has
 * to be known, since names and versions may hold `_`. A version that itself ends in `_<digits>`
 * cannot be told from a partition number: Varve makes none.
 */
export function parseSegmentId(text: string, dataSource: string): SegmentId | null {
  if (!text.startsWith(`${dataSource}_`)) return null;
  const parts = /^([^_]+)_([^_]+)_(.+?)(?:_(\d{1,9}))?$/s.exec(text.slice(dataSource.length + 1));
  if (parts === null) return null;
  const [, start = '', end = '', version = '', partition = '0'] = parts;
  const startMs = parseInstant(start);
  const endMs = parseInstant(end);
  if (startMs === null || endMs === null || startMs >= endMs) return null;
  return { dataSource, interval: { startMs, endMs }, version, partitionNum: Number(partition) };
}
