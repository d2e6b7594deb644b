import {
  type Clock,
  type JsonObject,
  type Logger,
  type Random,
  sha256Hex,
  stringifyJson,
  utf8Encode,
} from '../../core/index.js';
import { makeTaskId, type TaskManager, type TaskRecord } from '../../ingest/index.js';
import { formatInterval } from '../../model/index.js';
import type { SegmentInventory } from '../inventory/segment-inventory.js';
import type { CompactionConfig } from './compaction-config.js';
import { type JudgedGroup, judgeGroups, type SegmentGroup } from './compaction-groups.js';
import type { CompactionSlots } from './compaction-settings.js';

export interface AutoCompactionOptions {
  /** How tables are compacted by themselves now, one for a table. */
  readonly configs: () => Promise<readonly CompactionConfig[]>;
  readonly slots: () => Promise<CompactionSlots>;
  readonly tables: Pick<SegmentInventory, 'placed'>;
  readonly tasks: Pick<TaskManager, 'submit' | 'wait' | 'active'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Tasks of all kinds that run at the same time. */
  readonly taskSlots: () => number;
}

/** Begins the ids of tasks that nobody has submitted. */
const ID_PREFIX = 'coordinator-issued_compact';

/** Whether a task was submitted here, for this table. */
export const isCompactionOf =
  (table: string) =>
  ({ id, dataSource }: Pick<TaskRecord, 'id' | 'dataSource'>): boolean =>
    dataSource === table && id.startsWith(ID_PREFIX);

/** How long a group is left alone after its compaction failed once; doubled each time. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 86_400_000;

/** What became of the last task of a group. */
interface Attempt {
  /** Of the configuration and what was not as it says: with others it is tried anew. */
  readonly of: string;
  readonly failureCount: number;
  readonly notBeforeMs: number;
}

/** How much of a table is compacted. */
export interface CompactionState {
  readonly dataSource: string;
  readonly groups: readonly JudgedGroup[];
}

/**
 * Compacts tables as their configurations say: the newest chunks first, no table that a task is busy
 * with, and no more tasks at a time than there are slots for it.
 */
export class AutoCompaction {
  /** By table and interval. */
  readonly #attempts = new Map<string, Attempt>();
  #round: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(private readonly options: AutoCompactionOptions) {}

  /** Submits tasks for what is to be compacted; does not wait for them. When one ends, others follow. */
  run(): Promise<void> {
    const round = this.#round.then(() => this.#submitAll());
    this.#round = round.catch(() => undefined);
    return round;
  }

  /** Submits nothing more; tasks that run are their manager's to end. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#round;
  }

  /** The tables that are compacted by themselves. */
  async states(): Promise<CompactionState[]> {
    return (await this.options.configs()).map((config) => this.state(config));
  }

  /** How much of a table is as a configuration says. */
  state(config: CompactionConfig): CompactionState {
    const { dataSource } = config;
    return { dataSource, groups: judgeGroups(this.options.tables.placed(dataSource), config) };
  }

  async #submitAll(): Promise<void> {
    if (this.#closed) return;
    const { configs, slots, tasks, taskSlots } = this.options;
    const active = tasks.active();
    const busy = new Set(active.map(({ dataSource }) => dataSource));
    const running = active.filter(({ id }) => id.startsWith(ID_PREFIX)).length;
    let free = freeSlots(await slots(), taskSlots(), running);
    for (const { config, group } of this.#waiting(await configs())) {
      if (free <= 0) return;
      if (busy.has(config.dataSource)) continue;
      busy.add(config.dataSource);
      free--;
      await this.#submit(config, group);
    }
  }

  /** What may be compacted now, of all tables: the latest first. */
  #waiting(configs: readonly CompactionConfig[]) {
    const nowMs = this.options.clock.nowMs();
    const awaiting = configs.flatMap((config) =>
      this.state(config)
        .groups.filter(({ verdict }) => verdict === 'awaiting')
        .map((group) => ({ config, group })),
    );
    const keys = new Set(awaiting.map(({ config, group }) => keyOf(config, group)));
    for (const key of this.#attempts.keys()) if (!keys.has(key)) this.#attempts.delete(key);
    return awaiting
      .filter(({ config, group }) => {
        const attempt = this.#attempts.get(keyOf(config, group));
        return attempt?.of !== contentOf(config, group) || attempt.notBeforeMs <= nowMs;
      })
      .sort((a, b) => b.group.interval.endMs - a.group.interval.endMs);
  }

  async #submit(config: CompactionConfig, group: JudgedGroup): Promise<void> {
    const { tasks, clock, random, logger } = this.options;
    const id = makeTaskId(ID_PREFIX, config.dataSource, clock.nowMs(), random);
    try {
      await tasks.submit({ ...compactionTask(config, group), id });
    } catch (error) {
      logger.warn({ task: id, err: error }, 'a compaction was not taken');
      this.#note(config, group, false);
      return;
    }
    void tasks
      .wait(id)
      .then(({ status }) => {
        this.#note(config, group, status === 'SUCCESS');
        return this.run();
      })
      .catch((error: unknown) => logger.warn({ task: id, err: error }, 'compaction has stopped'));
  }

  /** A group that is still there after it went well is not tried again: nothing would change. */
  #note(config: CompactionConfig, group: JudgedGroup, succeeded: boolean): void {
    const key = keyOf(config, group);
    const of = contentOf(config, group);
    const before = this.#attempts.get(key);
    const failureCount = succeeded ? 0 : (before?.of === of ? before.failureCount : 0) + 1;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failureCount - 1), LONGEST_PAUSE_MS);
    const notBeforeMs = succeeded ? Number.POSITIVE_INFINITY : this.options.clock.nowMs() + pauseMs;
    this.#attempts.set(key, { of, failureCount, notBeforeMs });
  }
}

/** At least one, so that compaction goes on wherever it is configured; none where the most is 0. */
export function freeSlots({ ratio, max }: CompactionSlots, total: number, running: number): number {
  const share = Math.max(1, Math.floor(ratio * total));
  return Math.min(share, max) - running;
}

/** The `compact` task of a group, without an id: it fails when others have come into the interval since. */
function compactionTask(
  config: CompactionConfig,
  { interval, segments }: SegmentGroup,
): JsonObject {
  const ids = segments.map(({ idText }) => idText);
  const inputSpec = {
    type: 'interval',
    interval: formatInterval(interval),
    sha256OfSortedSegmentIds: sha256Hex(utf8Encode(ids.join(''))),
  };
  return { ...config.task, ioConfig: { ...Object(config.task.ioConfig), inputSpec } };
}

const keyOf = ({ dataSource }: CompactionConfig, { interval }: SegmentGroup): string =>
  `${dataSource}/${formatInterval(interval)}`;

/** Without what is as it should be: that is what a task leaves behind. */
const contentOf = ({ json }: CompactionConfig, { others }: JudgedGroup): string =>
  stringifyJson([json, others]);
