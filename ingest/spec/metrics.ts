import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { type Aggregator, parseAggregator } from '../../model/index.js';
import { jsonField, readFields, textsField } from './fields.js';
import { readIndexChoice } from './index-choice.js';
import type { Problems } from './problems.js';

/** What the spec of a metric says beside the aggregator; whoever writes the column reads it there. */
const Indexes = z.object({ indexes: textsField });

const Metrics = z.array(jsonField).nullish();

/** Reads a `metricsSpec`; absent is no metrics. */
export function readMetrics(json: unknown, field: string, problems: Problems): Aggregator[] {
  const list = Metrics.safeParse(json);
  if (list.success) return problems.each(list.data, field, readMetric);
  throw new UserError(`${field}: want a list of aggregators`, 'spec', field);
}

/** Reads an aggregator that a column can be stored of. */
export function readMetric(json: unknown, field: string): Aggregator {
  const metric = parseAggregator(json, field);
  const { indexes } = readFields(Indexes, metric.spec, field);
  readIndexChoice({ createBitmapIndex: null, indexes }, metric.storedType, field);
  if (!metric.queryOnly) return metric;
  throw new UserError(
    `${field}.type: '${String(metric.spec.type)}' is for queries only and cannot be stored; leave it out`,
    'spec',
    `${field}.type`,
  );
}
