import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import { parseAggregators, parseExpression, parseFilter } from '../../model/index.js';
import { parseInputFormat } from '../input/formats/registry.js';
import { parseInputSource } from '../input/sources/registry.js';
import { readDimensions } from './dimensions.js';
import {
  flagField,
  jsonField,
  readFields,
  readObject,
  requiredText,
  shown,
  textField,
} from './fields.js';
import { readGranularity } from './granularity.js';
import { checkDataSourceName, checkFieldNames } from './names.js';
import { Problems } from './problems.js';
import type { TaskSpec, TimestampSpec, Transform } from './task-spec.js';
import { readTuning } from './tuning.js';

const TASK_TYPES: ReadonlySet<string> = new Set(['index_parallel', 'index']);

/** Tasks of Druid that are not built yet. */
const NOT_BUILT: ReadonlySet<string> = new Set([
  'compact',
  'kill',
  'archive',
  'restore',
  'move',
  'noop',
  'index_hadoop',
  'index_kafka',
  'index_kinesis',
  'index_realtime',
  'query_controller',
]);

const SCHEMA = 'spec.dataSchema';
const IO = 'spec.ioConfig';

const DataSchema = z.object({
  dataSource: jsonField,
  timestampSpec: jsonField,
  dimensionsSpec: jsonField,
  metricsSpec: jsonField,
  granularitySpec: jsonField,
  transformSpec: jsonField,
  parser: jsonField,
});

const IoConfig = z.object({
  inputSource: jsonField,
  inputFormat: jsonField,
  firehose: jsonField,
  appendToExisting: flagField(false),
  dropExisting: flagField(false),
});

const Timestamp = z.object({
  column: textField('timestamp'),
  format: textField('auto'),
  missingValue: textField(null),
});

const TransformSpec = z.object({
  transforms: z.array(jsonField, { error: 'want a list' }).nullish(),
  filter: jsonField,
});

const TransformFields = z.object({
  type: z.literal('expression', { error: 'the only type of transform is "expression"' }),
  name: requiredText,
  expression: requiredText,
});

/**
 * Reads an `index_parallel` or `index` task. Throws one UserError of kind 'spec' that names every
 * problem: the path of the field, its value and what to write instead.
 */
export function parseTaskSpec(json: unknown): TaskSpec {
  const problems = new Problems();
  const task = readObject(json, 'task');
  const type = readType(task, problems);
  problems.throwIfAny();
  const spec = readObject(task.spec, 'spec');
  const schema = readFields(DataSchema, spec.dataSchema, SCHEMA);
  const io = readFields(IoConfig, spec.ioConfig, IO);
  refuseLegacy(schema.parser, io.firehose, problems);

  const collect = <T>(field: string, read: () => T) => problems.collect(field, read);
  const dataSource = collect(`${SCHEMA}.dataSource`, () =>
    checkDataSourceName(schema.dataSource, `${SCHEMA}.dataSource`),
  );
  const timestamp = collect(`${SCHEMA}.timestampSpec`, () => readTimestamp(schema.timestampSpec));
  const metrics = collect(`${SCHEMA}.metricsSpec`, () =>
    parseAggregators(schema.metricsSpec ?? [], `${SCHEMA}.metricsSpec`),
  );
  const dimensions = collect(`${SCHEMA}.dimensionsSpec`, () =>
    readDimensions(
      schema.dimensionsSpec ?? {},
      `${SCHEMA}.dimensionsSpec`,
      timestamp?.column ?? '',
      metrics ?? [],
    ),
  );
  const granularity = collect(`${SCHEMA}.granularitySpec`, () =>
    readGranularity(schema.granularitySpec ?? {}, `${SCHEMA}.granularitySpec`),
  );
  const transforms = collect(`${SCHEMA}.transformSpec`, () =>
    readTransforms(schema.transformSpec ?? {}),
  );
  const source = collect(`${IO}.inputSource`, () =>
    parseInputSource(io.inputSource, `${IO}.inputSource`),
  );
  const format = collect(`${IO}.inputFormat`, () =>
    parseInputFormat(io.inputFormat, `${IO}.inputFormat`),
  );
  const tuning = collect('spec.tuningConfig', () =>
    readTuning(spec.tuningConfig ?? {}, 'spec.tuningConfig', io.appendToExisting),
  );
  if (dimensions !== null && metrics !== null) {
    checkFieldNames(dimensions.listed, metrics, SCHEMA, problems);
  }
  problems.throwIfAny();
  return {
    type,
    id: typeof task.id === 'string' && task.id !== '' ? task.id : null,
    dataSource: dataSource!,
    timestamp: timestamp!,
    dimensions: dimensions!,
    metrics: metrics!,
    granularity: granularity!,
    ...transforms!,
    source: source!,
    format: format!,
    append: io.appendToExisting,
    dropExisting: io.dropExisting,
    tuning: tuning!,
    json: task,
  };
}

function readType(task: JsonObject, problems: Problems): TaskSpec['type'] {
  const { type } = task;
  if (typeof type === 'string' && TASK_TYPES.has(type)) return type as TaskSpec['type'];
  const known = [...TASK_TYPES].join(', ');
  problems.add(
    'type',
    typeof type === 'string' && NOT_BUILT.has(type)
      ? `the task type '${type}' is not built yet; there are ${known}`
      : `want the type of the task, one of ${known}; got ${shown(type)}`,
  );
  return 'index_parallel';
}

function refuseLegacy(parser: unknown, firehose: unknown, problems: Problems): void {
  if (parser !== undefined && parser !== null) {
    problems.add(
      `${SCHEMA}.parser`,
      'parsers are a legacy of Druid; move timestampSpec and dimensionsSpec to dataSchema, and the format to ioConfig.inputFormat',
    );
  }
  if (firehose !== undefined && firehose !== null) {
    problems.add(`${IO}.firehose`, 'firehoses are a legacy of Druid; use ioConfig.inputSource');
  }
}

function readTimestamp(json: unknown): TimestampSpec {
  return readFields(Timestamp, json ?? {}, `${SCHEMA}.timestampSpec`);
}

function readTransforms(json: unknown): Pick<TaskSpec, 'transforms' | 'filter'> {
  const field = `${SCHEMA}.transformSpec`;
  const { transforms, filter } = readFields(TransformSpec, json, field);
  return {
    transforms: (transforms ?? []).map((item, i) =>
      readTransform(item, `${field}.transforms[${i}]`),
    ),
    filter: filter === undefined || filter === null ? null : parseFilter(filter, `${field}.filter`),
  };
}

function readTransform(json: unknown, field: string): Transform {
  const { name, expression } = readFields(TransformFields, json, field);
  parseExpression(expression, `${field}.expression`);
  return { name, expression };
}
