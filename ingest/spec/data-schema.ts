import { z } from 'zod';
import { timestampParser } from '../../model/index.js';
import { readDimensions } from './dimensions.js';
import { jsonField, pathTo, readFields, shown, textField } from './fields.js';
import { readGranularity } from './granularity.js';
import { readMetrics } from './metrics.js';
import { checkFieldNames, checkTableName } from './names.js';
import type { Problems } from './problems.js';
import { readStarTrees } from './star-trees.js';
import type { DimensionsSpec, RowSpec, TimestampSpec } from './task-spec.js';
import { readTransforms } from './transforms.js';

const DataSchema = z.object({
  dataSource: jsonField,
  timestampSpec: jsonField,
  dimensionsSpec: jsonField,
  metricsSpec: jsonField,
  granularitySpec: jsonField,
  transformSpec: jsonField,
  starTrees: jsonField,
  parser: jsonField,
});

const Timestamp = z.object({
  column: textField('timestamp'),
  format: textField('auto'),
  missingValue: textField(null),
});

/** What the `dataSchema` says, and the fields that it reads by their names. */
export interface Schema extends RowSpec {
  readonly dataSource: string;
  readonly named: ReadonlySet<string>;
  /** Whether lists of the field keep their nulls. */
  keepsNullElements(field: string): boolean;
}

/**
 * Reads a `dataSchema` at the path `field`; null when it has problems, which are then in `problems`.
 * Where it says nothing of rollup, rows are rolled up when there are metrics or `rollsUpWithoutMetrics`. Rows have dimensions `others`
 * beside those of the `dimensionsSpec`.
 */
export function readSchema(
  json: unknown,
  field: string,
  problems: Problems,
  rollsUpWithoutMetrics = true,
  others: readonly string[] = [],
): Schema | null {
  const schema = readFields(DataSchema, json, field);
  if (schema.parser !== undefined && schema.parser !== null) {
    problems.add(
      pathTo(field, 'parser'),
      `parsers are a legacy of Druid; move timestampSpec and dimensionsSpec to dataSchema, and the format to ioConfig.inputFormat; got ${shown(schema.parser)}`,
    );
  }
  const at = <T>(name: string, read: (path: string) => T): T | null =>
    problems.collect(pathTo(field, name), () => read(pathTo(field, name)));
  const dataSource = at('dataSource', (path) => checkTableName(schema.dataSource, path));
  const timestamp = at('timestampSpec', (path) => readTimestamp(schema.timestampSpec, path));
  const metrics = at('metricsSpec', (path) => readMetrics(schema.metricsSpec, path, problems));
  const column = timestamp?.column ?? '';
  const dimensions = at('dimensionsSpec', (path) =>
    readDimensions(schema.dimensionsSpec ?? {}, path, column, metrics ?? [], problems),
  );
  const granularity = at('granularitySpec', (path) =>
    readGranularity(
      schema.granularitySpec ?? {},
      path,
      rollsUpWithoutMetrics || metrics?.length !== 0,
    ),
  );
  const changes = at('transformSpec', (path) =>
    readTransforms(schema.transformSpec ?? {}, path, problems),
  );
  checkFieldNames(dimensions?.listed ?? [], metrics ?? [], field, problems);
  if (!dataSource || !timestamp || !metrics || !dimensions || !granularity || !changes) return null;
  const { inputs, ...transforms } = changes;
  const stored = { dimensions, metrics, granularity, others };
  const starTrees = at('starTrees', (path) =>
    readStarTrees(schema.starTrees, path, stored, problems),
  );
  const named = new Set([
    timestamp.column,
    ...dimensions.listed.map(({ name }) => name),
    ...metrics.flatMap((metric) => metric.inputs),
    ...inputs,
  ]);
  const keepsNullElements = nullKeeper(dimensions);
  const rows = {
    timestamp,
    metrics,
    dimensions,
    granularity,
    ...transforms,
    starTrees: starTrees ?? undefined,
  };
  return { dataSource, ...rows, named, keepsNullElements };
}

/** Fields of columns that hold lists as they are. */
function nullKeeper({ listed, discover, excluded }: DimensionsSpec): Schema['keepsNullElements'] {
  const byName = new Map(listed.map((dimension) => [dimension.name, dimension]));
  return (field) => {
    const dimension = byName.get(field);
    if (dimension === undefined) return discover === 'typed' && !excluded.has(field);
    return dimension.auto !== undefined || dimension.type !== 'STRING';
  };
}

/** Format and missing value are checked here, so that no task starts that cannot read a time. */
function readTimestamp(json: unknown, field: string): TimestampSpec {
  const timestamp = readFields(Timestamp, json ?? {}, field);
  timestampParser(timestamp.format, timestamp.missingValue);
  return timestamp;
}
