import type { Kysely } from 'kysely';
import type { Clock } from '../../core/index.js';
import { closeDatabase, openDatabase } from './database.js';
import { migrate } from './migrations.js';
import { PushTable } from './push-table.js';
import type { MetadataTables } from './schema.js';
import { SegmentTable } from './segment-table.js';
import { SettingsTable } from './settings-table.js';
import { TaskTable } from './task-table.js';

/**
 * The metadata of one data directory: which segments are published, which tasks there were, which
 * tables take pushed rows, and what operators have set.
 * What it says is true; files that it does not name do not count.
 */
export class MetadataStore {
  readonly segments: SegmentTable;
  readonly tasks: TaskTable;
  readonly pushTables: PushTable;
  readonly settings: SettingsTable;

  private constructor(
    private readonly db: Kysely<MetadataTables>,
    clock: Clock,
  ) {
    this.segments = new SegmentTable(db, clock);
    this.tasks = new TaskTable(db);
    this.pushTables = new PushTable(db, clock);
    this.settings = new SettingsTable(db, clock);
  }

  /**
   * Opens (or creates) the store and brings it to the newest schema. Throws UnavailableError when
   * another process holds it or a newer Varve wrote it.
   */
  static async open(path: string, clock: Clock): Promise<MetadataStore> {
    const db = openDatabase(path);
    try {
      await migrate(db, clock.nowMs());
    } catch (error) {
      await closeDatabase(db);
      throw error;
    }
    return new MetadataStore(db, clock);
  }

  close(): Promise<void> {
    return closeDatabase(this.db);
  }
}
