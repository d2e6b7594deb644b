import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { countField, flagField, jsonField, readFields, readObject, shown } from '../spec/fields.js';
import { parseTaskSpec } from '../spec/parse-task-spec.js';
import type { TaskSpec } from '../spec/task-spec.js';

const DEFAULT_ROWS = 200;
const MAX_ROWS = 5000;
const DEFAULT_TIMEOUT_MS = 10_000;
/** As long as a request may take anyway. */
const MAX_TIMEOUT_MS = 60_000;

const SamplerConfig = z.object({
  numRows: countField(DEFAULT_ROWS, 0),
  timeoutMs: countField(DEFAULT_TIMEOUT_MS, 0),
  maxBytesInMemory: countField(0, 0),
  maxClientResponseBytes: countField(0, 0),
  // Ours: entries for rows that would be thrown away, too.
  showDropped: flagField(false),
});

/** How much is sampled. */
export interface SamplerLimits {
  /** Rows that are read, of whatever fate. */
  readonly rows: number;
  /** What comes later is not read. */
  readonly timeoutMs: number;
  /** Of what was read, about; `Infinity` is without limit. */
  readonly inputBytes: number;
  /** Of the answer. */
  readonly answerBytes: number;
  /** Whether rows that would be thrown away have entries. */
  readonly showDropped: boolean;
}

export interface SamplerSpec {
  readonly task: TaskSpec;
  readonly limits: SamplerLimits;
}

/** The data source and times of a spec that has none yet, as the first steps of a data loader have it. */
const NO_SCHEMA = { dataSource: 'sampler' };

/** Types of Druid whose rows come from elsewhere. */
const NOT_BUILT: ReadonlySet<unknown> = new Set(['kafka', 'kinesis', 'rabbit']);

/** Reads the body of a sampler request: an ingestion task with a `samplerConfig`. Throws UserError for all that is wrong with it. */
export function parseSamplerSpec(json: unknown): SamplerSpec {
  const { type, spec, samplerConfig } = readObject(json, 'body');
  if (type !== 'index' && type !== 'index_parallel') {
    const why = NOT_BUILT.has(type) ? 'is not built yet' : 'cannot be sampled';
    throw new UserError(`type: ${shown(type)} ${why}; use index or index_parallel`, 'spec', 'type');
  }
  const config = readFields(SamplerConfig, samplerConfig ?? {}, 'samplerConfig');
  const parts = readFields(z.looseObject({ dataSchema: jsonField }), spec, 'spec');
  const schema = readObject(parts.dataSchema ?? {}, 'spec.dataSchema');
  const task = parseTaskSpec({
    type,
    spec: { ...parts, dataSchema: { ...NO_SCHEMA, ...schema } },
  });
  return {
    task,
    limits: {
      rows: Math.min(config.numRows, MAX_ROWS),
      timeoutMs:
        config.timeoutMs === 0 ? MAX_TIMEOUT_MS : Math.min(config.timeoutMs, MAX_TIMEOUT_MS),
      inputBytes: orInfinity(config.maxBytesInMemory),
      answerBytes: orInfinity(config.maxClientResponseBytes),
      showDropped: config.showDropped,
    },
  };
}

const orInfinity = (bytes: number): number => (bytes === 0 ? Number.POSITIVE_INFINITY : bytes);
