import { z } from 'zod';
import { isJsonObject, type JsonObject, UserError } from '../../core/index.js';
import {
  checkTableName,
  parseCompactSpec,
  partitionsOf,
  readFields,
  shown,
} from '../../ingest/index.js';
import {
  ETERNITY,
  formatInterval,
  type Granularity,
  parseGranularity,
  parsePeriod,
  shiftByPeriod,
} from '../../model/index.js';

/** How a table is compacted by itself. */
export interface CompactionConfig {
  readonly dataSource: string;
  /** Druid's JSON, with every default filled in. */
  readonly json: JsonObject;
  /** More than so many bytes together are left as they are. */
  readonly inputSegmentSizeBytes: number;
  /** Null: chunks stay as long as they are. */
  readonly segmentGranularity: Granularity | null;
  /** When the time begins that is left alone, which ends where the newest segment does. */
  skipFrom(latestEndMs: number): number;
  /** The members of a `compact` task but for its id and its input. */
  readonly task: JsonObject;
}

const WANT_COUNT = 'want a number of 0 or more';
const WANT_OBJECT = 'want an object';

const objectField = z
  .custom<JsonObject>(isJsonObject, WANT_OBJECT)
  .nullish()
  .transform((value) => value ?? null);

const Fields = z.object({
  dataSource: z.unknown(),
  taskPriority: z.int(WANT_COUNT).min(0, WANT_COUNT).nullish(),
  inputSegmentSizeBytes: z.int(WANT_COUNT).min(0, WANT_COUNT).nullish(),
  maxRowsPerSegment: z.int(WANT_COUNT).min(1, 'want a number of 1 or more').nullish(),
  skipOffsetFromLatest: z.string({ error: 'want a period, as text' }).nullish(),
  tuningConfig: objectField,
  granularitySpec: objectField,
  dimensionsSpec: objectField,
  metricsSpec: z.array(z.unknown(), { error: 'want a list' }).nullish(),
  transformSpec: objectField,
  starTrees: z.unknown().optional(),
  ioConfig: objectField,
  taskContext: objectField,
  projections: z.null({ error: 'projections are not built yet; leave them out' }).optional(),
  engine: z.literal('native', { error: 'the only engine is "native"' }).nullish(),
});

type Fields = z.output<typeof Fields>;

/** Reads the configuration of one table. Throws UserError that names every bad field and its value. */
export function parseCompactionConfig(given: unknown): CompactionConfig {
  const fields = readFields(Fields, given, '');
  const dataSource = checkTableName(fields.dataSource, 'dataSource');
  const { skipOffsetFromLatest, inputSegmentSizeBytes } = withDefaults(fields);
  const json = { dataSource, ...withDefaults(fields) };
  const task = taskOf(dataSource, fields);
  // Whatever is wrong with the parts of the task is wrong here.
  parseCompactSpec({ ...task, ioConfig: { ...ioOf(fields), inputSpec: ANYTHING } });
  return {
    dataSource,
    json,
    inputSegmentSizeBytes,
    segmentGranularity: granularityOf(fields),
    skipFrom: readPeriod(skipOffsetFromLatest),
    task,
  };
}

const ANYTHING = { type: 'interval', interval: formatInterval(ETERNITY) };

const withDefaults = (fields: Fields) => ({
  taskPriority: fields.taskPriority ?? 25,
  inputSegmentSizeBytes: fields.inputSegmentSizeBytes ?? 100_000_000_000_000,
  maxRowsPerSegment: fields.maxRowsPerSegment ?? null,
  skipOffsetFromLatest: fields.skipOffsetFromLatest ?? 'P1D',
  tuningConfig: fields.tuningConfig,
  granularitySpec: fields.granularitySpec,
  dimensionsSpec: fields.dimensionsSpec,
  metricsSpec: fields.metricsSpec ?? null,
  transformSpec: fields.transformSpec,
  ioConfig: fields.ioConfig,
  taskContext: fields.taskContext,
  engine: fields.engine ?? null,
  // Druid knows no such member.
  ...(isAbsent(fields.starTrees) ? {} : { starTrees: fields.starTrees }),
});

const isAbsent = (json: unknown): boolean => json === undefined || json === null;

const ioOf = ({ ioConfig }: Fields): JsonObject => ({ ...ioConfig, type: 'compact' });

/** The input is put into its `ioConfig` when it is known. */
function taskOf(dataSource: string, fields: Fields): JsonObject {
  const { maxRowsPerSegment, taskPriority } = withDefaults(fields);
  const tuning = { maxRowsPerSegment, ...fields.tuningConfig };
  return {
    type: 'compact',
    dataSource,
    ioConfig: ioOf(fields),
    granularitySpec: fields.granularitySpec,
    dimensionsSpec: isListed(fields.dimensionsSpec) ? fields.dimensionsSpec : null,
    metricsSpec: fields.metricsSpec?.length === 0 ? null : (fields.metricsSpec ?? null),
    transformSpec: fields.transformSpec,
    starTrees: fields.starTrees ?? null,
    tuningConfig: { type: 'index_parallel', ...tuning, partitionsSpec: partitionsOf(tuning) },
    context: { ...fields.taskContext, priority: taskPriority, storeCompactionState: true },
  };
}

/** Dimensions that are not listed are those of the segments. */
const isListed = (spec: JsonObject | null): boolean =>
  Array.isArray(spec?.dimensions) && spec.dimensions.length > 0;

function granularityOf({ granularitySpec }: Fields): Granularity | null {
  const given = granularitySpec?.segmentGranularity ?? null;
  return given === null ? null : parseGranularity(given, 'granularitySpec.segmentGranularity');
}

function readPeriod(text: string): (latestEndMs: number) => number {
  const period = parsePeriod(text);
  if (period !== null && Object.values(period).every((part) => part >= 0)) {
    return (latestEndMs) => shiftByPeriod(latestEndMs, period, -1, 'UTC');
  }
  const field = 'skipOffsetFromLatest';
  throw new UserError(
    `${field}: want an ISO-8601 period such as "P1D" or "PT0S"; got ${shown(text)}`,
    'spec',
    field,
  );
}
