import { z } from 'zod';
import { isJsonObject, type JsonObject, UserError } from '../../../core/index.js';
import { parseInstant, parseInterval } from '../../../model/index.js';
import type { KillOrder } from '../../remover.js';
import {
  countField,
  flagField,
  jsonField,
  readFields,
  readObject,
  requiredText,
  shown,
  textField,
  textsField,
} from '../../spec/fields.js';
import { checkName } from '../../spec/names.js';
import { contextReport } from '../report.js';
import type { Task, TaskContext, TaskRun } from '../task.js';

const KillFields = z.object({
  id: jsonField,
  dataSource: jsonField,
  interval: requiredText,
  versions: textsField,
  batchSize: countField(100, 1),
  limit: countField(null, 1),
  maxUsedStatusLastUpdatedTime: textField(null),
  markAsUnused: flagField(false),
});

/** A checked `kill` task. */
interface KillSpec {
  readonly dataSource: string;
  readonly order: Omit<KillOrder, 'limit'>;
  /** Segments of one transaction. */
  readonly batchSize: number;
  /** Infinity where there is none. */
  readonly limit: number;
  readonly markAsUnused: boolean;
  readonly json: JsonObject;
}

/** Removes segments that do not count any more, and their files, for good. */
export function readKillTask(json: unknown): Task {
  const fields = readFields(KillFields, json, 'task');
  const dataSource = checkName(fields.dataSource, 'dataSource');
  const spec: KillSpec = {
    dataSource,
    order: {
      interval: parseInterval(fields.interval, 'interval'),
      versions: fields.versions.length === 0 ? null : fields.versions,
      maxUsedChangedMs: readInstant(fields.maxUsedStatusLastUpdatedTime),
      ids: null,
    },
    batchSize: fields.batchSize,
    limit: fields.limit ?? Number.POSITIVE_INFINITY,
    markAsUnused: fields.markAsUnused,
    json: readObject(json, 'task'),
  };
  checkMarking(spec);
  const { id } = fields;
  return {
    type: 'kill',
    id: id === undefined || id === null ? null : checkName(id, 'id'),
    dataSource,
    json: spec.json,
    check: () => undefined,
    start: (context) => new KillRun(spec, context),
  };
}

function readInstant(text: string | null): number | null {
  if (text === null) return null;
  const ms = parseInstant(text);
  if (ms !== null) return ms;
  const field = 'maxUsedStatusLastUpdatedTime';
  throw new UserError(
    `${field}: want an ISO-8601 time such as "2024-01-01T00:00:00Z"; got ${shown(text)}`,
    'spec',
    field,
  );
}

/** What is marked now is younger than any age that is asked for, and of versions that are still counted. */
function checkMarking({ markAsUnused, limit, order }: KillSpec): void {
  if (!markAsUnused) return;
  const given = [
    ...(limit === Number.POSITIVE_INFINITY ? [] : ['limit']),
    ...(order.versions === null ? [] : ['versions']),
  ];
  if (given.length === 0) return;
  throw new UserError(
    `markAsUnused: true cannot go with ${given.join(' and ')}: it marks all of the interval; leave one out`,
    'spec',
    'markAsUnused',
  );
}

class KillRun implements TaskRun {
  #markedCount: number | null = null;
  #killedCount = 0;
  #batchCount = 0;

  constructor(
    private readonly spec: KillSpec,
    private readonly context: TaskContext,
  ) {}

  async run(): Promise<void> {
    const { dataSource, order, markAsUnused } = this.spec;
    const { remover, note } = this.context;
    if (markAsUnused) {
      this.#markedCount = await remover.drop(dataSource, order.interval);
      note(`marked ${this.#markedCount} segments of ${dataSource} as unused`);
    }
    await this.#kill();
    note(`removed ${this.#killedCount} segments of ${dataSource} in ${this.#batchCount} batches`);
  }

  async #kill(): Promise<void> {
    const { dataSource, order, batchSize, limit: all } = this.spec;
    while (this.#killedCount < all) {
      this.context.signal.throwIfAborted();
      const limit = Math.min(batchSize, all - this.#killedCount);
      const count = await this.context.remover.kill(dataSource, { ...order, limit });
      this.#killedCount += count;
      if (count > 0) this.#batchCount++;
      if (count < limit) return;
    }
  }

  liveReport(): JsonObject {
    return this.report();
  }

  report(): JsonObject {
    const { taskId } = this.context;
    const { context } = this.spec.json;
    return {
      killUnusedSegments: {
        type: 'killUnusedSegments',
        taskId,
        payload: {
          numSegmentsKilled: this.#killedCount,
          numBatchesProcessed: this.#batchCount,
          numSegmentsMarkedAsUnused: this.#markedCount,
        },
      },
      taskContext: contextReport(taskId, isJsonObject(context) ? context : {}),
    };
  }
}
