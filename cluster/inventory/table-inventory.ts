import type { TableSchema } from '../../query/index.js';
import type { SegmentSelection } from '../metadata/segment-selection.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { LiveSegment } from './live-part.js';

/** What a process knows of tables and their segments, for those who list and manage them. */
export interface TableInventory {
  /** The data sources that have rows. */
  tables(): string[];
  schema(dataSource: string): TableSchema | null;
  /** The tables of which something is published, tombstones included. */
  dataSources(): string[];
  /** Where all published segments of a table are in its timeline, tombstones included. */
  placed(dataSource: string): readonly StoredSegment[];
  /** Published segments that queries fail for. */
  unreadable(): readonly StoredSegment[];
  /** What is not published yet, of all tables. */
  liveSegments(): readonly LiveSegment[];
  /** Files that are removed when those who may read them are done. */
  readonly waitingFiles: number;
  /** Takes segments of a table out of sight. Gives how many. */
  markUnused(dataSource: string, selection: SegmentSelection): Promise<number>;
  /** Brings segments of a table back into sight, but for those that others hide. Gives how many. */
  markUsed(dataSource: string, selection: SegmentSelection): Promise<number>;
}
