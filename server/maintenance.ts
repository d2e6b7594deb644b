import {
  AutoCompaction,
  applyRules,
  CompactionSettings,
  compactionConfigs,
  forgetRecords,
  killOutdated,
  type MetadataStore,
  RetentionRules,
  Supervisors,
  type TableInventory,
} from '../cluster/index.js';
import { type Logger, systemClock, systemRandom } from '../core/index.js';
import type { SegmentRemover, TaskManager } from '../ingest/index.js';
import type { Config } from './config.js';
import { Duties, type Duty } from './duties.js';

/** What happens to segments by itself: rules drop them, time removes them, compaction rewrites them. */
export interface Maintenance {
  readonly rules: RetentionRules;
  readonly compactionSettings: CompactionSettings;
  readonly compaction: AutoCompaction;
  readonly supervisors: Supervisors;
  /** Begins to look after it, again and again. */
  start(): void;
  /** Looks after it once. */
  run(): Promise<void>;
  /** Ends that, and waits for what is being done. */
  close(): Promise<void>;
}

export function maintenanceOf(
  store: MetadataStore,
  inventory: TableInventory & SegmentRemover,
  tasks: TaskManager,
  { duties: config }: Config,
  logger: Logger,
  others: readonly Duty[] = [],
): Maintenance {
  const rules = new RetentionRules(store.settings);
  const compactionSettings = new CompactionSettings(store.settings);
  const supervisors = new Supervisors(store.settings, store.tasks);
  const compaction = new AutoCompaction({
    configs: () => compactionConfigs(compactionSettings, supervisors),
    slots: () => compactionSettings.slots(),
    tables: inventory,
    tasks,
    clock: systemClock,
    random: systemRandom,
    logger,
    taskSlots: () => tasks.slotCount,
  });
  const periods = { replacedMs: config.killReplacedAfter, droppedMs: config.killDroppedAfter };
  const records = { tasksMs: config.keepTasks, changesMs: config.keepChanges };
  const tell = (what: string, counts: ReadonlyMap<string, number>) => {
    for (const [table, count] of counts) logger.info({ table, count }, what);
  };
  const duties = new Duties(
    [
      {
        name: 'retention',
        run: async (nowMs) => tell('dropped by a rule', await applyRules(inventory, rules, nowMs)),
      },
      {
        name: 'kill',
        run: async (nowMs) => tell('removed', await killOutdated(inventory, store, periods, nowMs)),
      },
      { name: 'compaction', run: () => compaction.run() },
      {
        name: 'records',
        run: async (nowMs) => {
          const counts = await forgetRecords(store, records, nowMs);
          if (counts.size > 0) logger.info(Object.fromEntries(counts), 'forgotten');
        },
      },
      ...others,
    ],
    systemClock,
    logger,
  );
  return {
    rules,
    compactionSettings,
    compaction,
    supervisors,
    start: () => duties.start(config.periodMs),
    run: () => duties.run(),
    async close() {
      await duties.close();
      await compaction.close();
    },
  };
}
