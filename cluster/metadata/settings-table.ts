import type { Selectable } from 'kysely';
import { type Clock, parseJson, stringifyJson } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { MetadataDatabase } from './database.js';
import type { AuditRow } from './schema.js';

/** What kind of thing is set; within one, every name has one value. */
export type SettingType =
  | 'rules'
  | 'compaction'
  | 'compactionCluster'
  | 'supervisors'
  | 'lookups'
  | 'coordinator'
  | 'cluster';

/** Who changes a setting, as they say. */
export interface AuditInfo {
  readonly author: string;
  readonly comment: string;
  readonly ip: string;
}

/** That a setting was changed. */
export interface AuditEntry extends AuditInfo {
  readonly name: string;
  readonly timeMs: number;
  /** What it was set to; null: it was removed. */
  readonly value: unknown;
}

/** Which changes: those of a time, from old to new, or the last ones, newest first. */
export type HistoryRange = { readonly interval: Interval } | { readonly count: number };

/** What operators have set, as JSON, and the changes of it. */
export class SettingsTable {
  constructor(
    private readonly database: MetadataDatabase,
    private readonly clock: Clock,
  ) {}

  /** The value of a setting; null when it is not set. */
  async get(type: SettingType, name: string): Promise<unknown> {
    const row = await this.database.read((db) => {
      const setting = db.selectFrom('settings').select('payload').where('type', '=', type);
      return setting.where('name', '=', name).executeTakeFirst();
    });
    return row === undefined ? null : parseJson(row.payload);
  }

  /** The value of a setting, which is this one unless it was set before; for what is set once and never changed. */
  async once(type: SettingType, name: string, value: unknown): Promise<unknown> {
    const payload = stringifyJson(value);
    await this.database.write((db) =>
      db
        .insertInto('settings')
        .values({ type, name, payload })
        .onConflict((conflict) => conflict.columns(['type', 'name']).doNothing())
        .execute(),
    );
    return this.get(type, name);
  }

  /** All settings of a type, by name. */
  async all(type: SettingType): Promise<Map<string, unknown>> {
    const rows = await this.database.read((db) => {
      const settings = db.selectFrom('settings').select(['name', 'payload']);
      return settings.where('type', '=', type).orderBy('name').execute();
    });
    return new Map(rows.map(({ name, payload }) => [name, parseJson(payload)]));
  }

  /** Sets a value, or removes it (null), and writes down who did. */
  set(type: SettingType, name: string, value: unknown, who: AuditInfo): Promise<void> {
    return this.setAll(type, new Map([[name, value]]), who);
  }

  /** The same of several values of a type: all of them or none. */
  setAll(type: SettingType, values: ReadonlyMap<string, unknown>, who: AuditInfo): Promise<void> {
    return this.database.write(async (transaction) => {
      for (const [name, value] of values) {
        const payload = value === null ? null : stringifyJson(value);
        await transaction
          .insertInto('audit')
          .values({ type, name, ...who, created_ms: this.clock.nowMs(), payload })
          .execute();
        if (payload === null) {
          const row = transaction.deleteFrom('settings').where('type', '=', type);
          await row.where('name', '=', name).execute();
          continue;
        }
        await transaction
          .insertInto('settings')
          .values({ type, name, payload })
          .onConflict((conflict) => conflict.columns(['type', 'name']).doUpdateSet({ payload }))
          .execute();
      }
    });
  }

  /** Removes changes that were made before, but not what they set, and not those of supervisors that are there; gives how many. */
  async forgetChanges(beforeMs: number): Promise<number> {
    const { numDeletedRows } = await this.database.write((db) => {
      const kept = db.selectFrom('settings').select('name').where('type', '=', 'supervisors');
      const outdated = db.deleteFrom('audit').where('created_ms', '<', beforeMs);
      return outdated
        .where((row) => row.or([row('type', '!=', 'supervisors'), row('name', 'not in', kept)]))
        .executeTakeFirstOrThrow();
    });
    return Number(numDeletedRows);
  }

  /** Changes of one setting, or of all of a type (`name` is null). */
  async history(
    type: SettingType,
    name: string | null,
    range: HistoryRange,
  ): Promise<AuditEntry[]> {
    const rows = await this.database.read((db) => {
      const ofType = db.selectFrom('audit').selectAll().where('type', '=', type);
      const query = name === null ? ofType : ofType.where('name', '=', name);
      if ('count' in range) return query.orderBy('seq', 'desc').limit(range.count).execute();
      const { startMs, endMs } = range.interval;
      const within = query.where('created_ms', '>=', startMs).where('created_ms', '<', endMs);
      return within.orderBy('seq').execute();
    });
    return rows.map(entryOf);
  }
}

const entryOf = ({ name, author, comment, ip, created_ms, payload }: Selectable<AuditRow>) =>
  ({
    name,
    author,
    comment,
    ip,
    timeMs: created_ms,
    value: payload === null ? null : parseJson(payload),
  }) satisfies AuditEntry;
