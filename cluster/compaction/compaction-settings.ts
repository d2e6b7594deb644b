import { z } from 'zod';
import { isJsonObject, type JsonObject, NotFoundError } from '../../core/index.js';
import { readFields } from '../../ingest/index.js';
import type {
  AuditEntry,
  AuditInfo,
  HistoryRange,
  SettingsTable,
} from '../metadata/settings-table.js';
import { type CompactionConfig, parseCompactionConfig } from './compaction-config.js';

/** How many tasks may compact at the same time, of all tables. */
export interface CompactionSlots {
  /** Of all slots for tasks. */
  readonly ratio: number;
  readonly max: number;
}

const DEFAULT_SLOTS: CompactionSlots = { ratio: 0.1, max: 2_147_483_647 };

/** The one name among the settings that hold for all tables. */
const CLUSTER = 'cluster';

const WANT_RATIO = 'want a number from 0 to 1';
const WANT_MAX = 'want a number of 0 or more';

const SlotFields = z.object({
  ratio: z.number(WANT_RATIO).min(0, WANT_RATIO).max(1, WANT_RATIO).nullish(),
  max: z.int(WANT_MAX).min(0, WANT_MAX).nullish(),
});

/** What one of a table's configurations was, and what held for all tables then. */
export interface CompactionChange extends AuditEntry {
  readonly slots: CompactionSlots;
}

/** The configurations of automatic compaction, as operators have set them. */
export class CompactionSettings {
  constructor(private readonly settings: SettingsTable) {}

  /** By table, in the order of the names. */
  async all(): Promise<CompactionConfig[]> {
    return [...(await this.settings.all('compaction')).values()].map(parseCompactionConfig);
  }

  /** Throws NotFoundError when the table is not compacted by itself. */
  async of(table: string): Promise<CompactionConfig> {
    const json = await this.settings.get('compaction', table);
    if (json !== null) return parseCompactionConfig(json);
    throw new NotFoundError(
      `the table "${table}" is not compacted by itself; post a configuration to /druid/coordinator/v1/config/compaction`,
    );
  }

  /** Sets the configuration of the table that it names. Throws UserError. */
  async set(json: unknown, who: AuditInfo): Promise<void> {
    const config = parseCompactionConfig(json);
    await this.settings.set('compaction', config.dataSource, config.json, who);
  }

  /** Throws NotFoundError when there is nothing to remove. */
  async remove(table: string, who: AuditInfo): Promise<void> {
    await this.of(table);
    await this.settings.set('compaction', table, null, who);
  }

  async slots(): Promise<CompactionSlots> {
    return slotsOf(await this.settings.get('compactionCluster', CLUSTER));
  }

  /** Sets those that are given; the other stays. Throws UserError. */
  async setSlots(given: { ratio?: unknown; max?: unknown }, who: AuditInfo): Promise<void> {
    const { ratio, max } = readFields(SlotFields, given, '');
    const now = await this.slots();
    const slots = { ratio: ratio ?? now.ratio, max: max ?? now.max };
    await this.settings.set('compactionCluster', CLUSTER, slots, who);
  }

  /** Changes of a table's configuration. */
  async history(table: string, range: HistoryRange): Promise<CompactionChange[]> {
    const changes = await this.settings.history('compaction', table, range);
    const everything = { startMs: Number.MIN_SAFE_INTEGER, endMs: Number.MAX_SAFE_INTEGER };
    const slots = await this.settings.history('compactionCluster', CLUSTER, {
      interval: everything,
    });
    return changes.map((change) => ({
      ...change,
      slots: slotsOf(slots.findLast(({ timeMs }) => timeMs <= change.timeMs)?.value),
    }));
  }
}

function slotsOf(json: unknown): CompactionSlots {
  const { ratio, max } = (isJsonObject(json) ? json : DEFAULT_SLOTS) as JsonObject &
    CompactionSlots;
  return { ratio, max };
}
