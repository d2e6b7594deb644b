import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import { flagField, readFields, readObject, shown } from '../../ingest/index.js';

/** Which nodes the tasks of which tables go to; `strong`: to no others. */
export interface Affinity {
  /** Hosts by table. */
  readonly affinity: Readonly<Record<string, readonly string[]>>;
  readonly strong: boolean;
}

/** How nodes are chosen for tasks. */
export interface WorkerConfig {
  readonly strategy: 'fillCapacity' | 'equalDistribution';
  readonly affinity: Affinity | null;
  /** As it was posted. */
  readonly json: JsonObject;
}

const AffinityFields = z.object({
  affinity: z.record(z.string(), z.array(z.string()), {
    error: 'want an object of tables and lists of hosts',
  }),
  strong: flagField(false),
});

/** What Druid does where nothing is set. */
export const DEFAULT_WORKERS: WorkerConfig = {
  strategy: 'equalDistribution',
  affinity: null,
  json: {},
};

/** Reads Druid's worker configuration: fillCapacity and equalDistribution, each with an affinity. Throws UserError. */
export function readWorkerConfig(json: unknown): WorkerConfig {
  const body = readObject(json, 'the request body');
  const selection = body.selectStrategy ?? { type: DEFAULT_WORKERS.strategy };
  const { type, affinityConfig } = readObject(selection, 'selectStrategy');
  if (type !== 'fillCapacity' && type !== 'equalDistribution') {
    throw new UserError(
      `selectStrategy.type: want "fillCapacity" or "equalDistribution"; categories and JavaScript are not built; got ${shown(type)}`,
      'spec',
      'selectStrategy.type',
    );
  }
  const affinity =
    affinityConfig === undefined || affinityConfig === null
      ? null
      : readFields(
          AffinityFields,
          readObject(affinityConfig, 'selectStrategy.affinityConfig'),
          'selectStrategy.affinityConfig',
        );
  return { strategy: type, affinity, json: body };
}
