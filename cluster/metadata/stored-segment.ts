import type { Selectable } from 'kysely';
import { parseJson, stringifyJson } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import {
  type SealedSegment,
  type SegmentId,
  type ShardSpec,
  shardSpecOf,
  type WrittenColumn,
} from '../../segments/index.js';
import type { SegmentRow } from './schema.js';

/** The place of a published segment in the timeline. */
export interface PlacedSegment {
  readonly id: SegmentId;
  /** Druid's text of the id. */
  readonly idText: string;
  /** How many partitions its chunk needs to be complete. */
  readonly coreCount: number;
  readonly used: boolean;
  /** It has no rows and no file, and hides what older segments have. */
  readonly isTombstone: boolean;
}

/** A published segment as the metadata store knows it. */
export interface StoredSegment extends PlacedSegment {
  readonly createdMs: number;
  /** When `used` last changed. */
  readonly usedChangedMs: number;
  readonly shardSpec: ShardSpec;
  /** JSON of what a compaction wrote it by, as it was told to remember; null for all others. */
  readonly compactionState: string | null;
  /** Where the file is, its size and checksum, and what it holds; of a tombstone, nothing. */
  readonly sealed: SealedSegment;
}

/** The names of a segment's dimensions or metrics, in stored order. */
export const columnNames = (
  { columns }: { readonly columns: readonly Pick<WrittenColumn, 'name' | 'role'>[] },
  role: 'dimension' | 'metric',
): string[] => columns.filter((column) => column.role === role).map(({ name }) => name);

/** What is stored of a segment as JSON. */
interface SegmentPayload extends SealedSegment {
  /** Absent in what older releases stored: they had numbered ones only. */
  readonly shardSpec?: ShardSpec;
}

export function payloadText(sealed: SealedSegment, shardSpec: ShardSpec): string {
  return stringifyJson({ ...sealed, shardSpec } satisfies SegmentPayload);
}

export function storedSegment(row: Selectable<SegmentRow>): StoredSegment {
  const { shardSpec, ...sealed } = parseJson(row.payload) as SegmentPayload;
  return {
    ...placedSegment(row),
    createdMs: row.created_ms,
    usedChangedMs: row.used_changed_ms ?? row.created_ms,
    compactionState: row.compaction_state,
    shardSpec: shardSpec ?? shardSpecOf(undefined, row.partition_num, row.partitions),
    sealed,
  };
}

/** What there is of a tombstone's file. */
export const noFile = ({ startMs }: Interval): SealedSegment => ({
  path: '',
  rowCount: 0,
  sizeBytes: 0,
  sha256: '',
  minTimeMs: startMs,
  maxTimeMs: startMs,
  columns: [],
});

/** The columns that say where a segment is in the timeline. */
export const PLACE = [
  'id',
  'data_source',
  'start_ms',
  'end_ms',
  'version',
  'partition_num',
  'partitions',
  'used',
  'tombstone',
] as const;

export function placedSegment(row: Pick<SegmentRow, (typeof PLACE)[number]>): PlacedSegment {
  return {
    id: {
      dataSource: row.data_source,
      interval: { startMs: row.start_ms, endMs: row.end_ms },
      version: row.version,
      partitionNum: row.partition_num,
    },
    idText: row.id,
    coreCount: row.partitions,
    used: row.used === 1,
    isTombstone: row.tombstone === 1,
  };
}
