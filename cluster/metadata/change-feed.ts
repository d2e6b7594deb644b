import type { Db, MetadataDatabase } from './database.js';
import { readEndedLogs } from './push-logs.js';
import { type LogState, type PushOwner, readLogs, readOwners } from './push-tables.js';
import type { SegmentTable } from './segment-table.js';
import type { StoredSegment } from './stored-segment.js';

/** What is published of a data source at one moment. */
export interface SourceState {
  /** How often the data source had changed. */
  readonly counter: number;
  /** Those that count, by id, in order of publishing. */
  readonly segments: ReadonlyMap<string, StoredSegment>;
}

/** What is published at one moment, of the data sources that are not as they were known. */
export interface MetadataChanges {
  readonly sources: ReadonlyMap<string, SourceState>;
  /** Of all tables: a table's rows behind its position in an open log are still with the log's node. */
  readonly logs: readonly LogState[];
  /** Of all tables that have one. */
  readonly owners: ReadonlyMap<string, PushOwner>;
  /** The ids of logs of which nothing more will be published, and whose nodes will never tell so themselves. */
  readonly endedLogs: readonly string[];
}

/** Tells those who follow the metadata what is new: a counter for each data source says whether there is something. */
export class ChangeFeed {
  constructor(
    private readonly database: MetadataDatabase,
    private readonly segments: SegmentTable,
  ) {}

  /** The data sources whose counter is another one than is known, or not known, with their counters. */
  changedSince(known: ReadonlyMap<string, number>): Promise<Map<string, number>> {
    return this.database.read((db) => changed(db, (name) => known.get(name)));
  }

  /**
   * Reads what is new in one transaction. Put over what is known, source by source, it is the whole state of one moment;
   * segments that are known are not read again.
   */
  read(known: ReadonlyMap<string, SourceState>): Promise<MetadataChanges> {
    return this.database.snapshot(async (db) => {
      const sources = new Map<string, SourceState>();
      for (const [name, counter] of await changed(db, (name) => known.get(name)?.counter)) {
        const before = known.get(name)?.segments ?? new Map<string, StoredSegment>();
        const used = await this.segments.usedIn(db, name, before);
        const segments = new Map(used.map((each) => [each.idText, each]));
        sources.set(name, { counter, segments });
      }
      return {
        sources,
        logs: await readLogs(db),
        owners: await readOwners(db),
        endedLogs: await readEndedLogs(db),
      };
    });
  }
}

async function changed(
  db: Db,
  known: (dataSource: string) => number | undefined,
): Promise<Map<string, number>> {
  const rows = await db.selectFrom('changes').selectAll().orderBy('data_source').execute();
  const fresh = rows.filter(({ data_source, counter }) => known(data_source) !== counter);
  return new Map(fresh.map(({ data_source, counter }) => [data_source, counter]));
}
