import { type Clock, invariant } from '../../core/index.js';
import { ChangeFeed } from './change-feed.js';
import type { MetadataDatabase } from './database.js';
import type { DatabaseCounts } from './database-counts.js';
import { FencedDatabase } from './fenced-database.js';
import { type HeldLease, LeaseTable } from './lease-table.js';
import { MigrationTable } from './migration-table.js';
import { NodeTable } from './node-table.js';
import { ObjectTable } from './object-table.js';
import type { StoreMeans } from './patience.js';
import { PostgresDatabase } from './postgres-database.js';
import type { PostgresPlace } from './postgres-pool.js';
import { PushLogs } from './push-logs.js';
import { PushTables } from './push-tables.js';
import { SegmentTable } from './segment-table.js';
import { SettingsTable } from './settings-table.js';
import { SqliteDatabase } from './sqlite-database.js';
import { TaskTable } from './task-table.js';

/** A file of this process alone. `:memory:` is for tests. */
export interface SqlitePlace {
  readonly type: 'sqlite';
  readonly path: string;
}

/** Where metadata are. */
export type MetadataPlace = SqlitePlace | PostgresPlace;

/**
 * The metadata of one data directory or cluster: which segments are published, which tasks there were, which
 * tables take pushed rows, and what operators have set.
 * What it says is true; files that it does not name do not count.
 */
export class MetadataStore {
  readonly segments: SegmentTable;
  readonly tasks: TaskTable;
  readonly pushTables: PushTables;
  readonly pushLogs: PushLogs;
  readonly settings: SettingsTable;
  readonly changes: ChangeFeed;
  readonly leases: LeaseTable;
  readonly nodes: NodeTable;
  readonly objects: ObjectTable;
  readonly migration: MigrationTable;

  private constructor(
    private readonly database: MetadataDatabase,
    private readonly clock: Clock,
  ) {
    this.segments = new SegmentTable(database, clock);
    this.tasks = new TaskTable(database);
    this.pushTables = new PushTables(database, clock);
    this.pushLogs = new PushLogs(database);
    this.settings = new SettingsTable(database, clock);
    this.changes = new ChangeFeed(database, this.segments);
    this.leases = new LeaseTable(database);
    this.nodes = new NodeTable(database);
    this.objects = new ObjectTable(database);
    this.migration = new MigrationTable(database, this.objects);
  }

  /**
   * Opens (or creates) the store and brings it to the newest schema. Throws UnavailableError when
   * another process holds it, a newer Varve wrote it, or it cannot be reached.
   */
  static async open(place: SqlitePlace, clock: Clock): Promise<MetadataStore>;
  static async open(place: MetadataPlace, clock: Clock, means: StoreMeans): Promise<MetadataStore>;
  static async open(place: MetadataPlace, clock: Clock, means?: StoreMeans) {
    const nowMs = clock.nowMs();
    if (place.type === 'sqlite') {
      return new MetadataStore(await SqliteDatabase.open(place.path, nowMs), clock);
    }
    invariant(means !== undefined, 'who shares a database can wait for it');
    return new MetadataStore(await PostgresDatabase.open(place, nowMs, means), clock);
  }

  /**
   * The same store, which anybody may read and who holds a lease may change: every change checks in its own transaction that no other one
   * has taken the lease over, and throws FencedError otherwise. It is closed with the store that it is a view of.
   */
  asLeader(lease: () => HeldLease): MetadataStore {
    return new MetadataStore(new FencedDatabase(this.database, lease), this.clock);
  }

  /** Null of a store of this process alone. */
  get counts(): DatabaseCounts | null {
    return this.database.counts ?? null;
  }

  close(): Promise<void> {
    return this.database.close();
  }
}
