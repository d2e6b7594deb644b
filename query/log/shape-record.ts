import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import type { ShapeRecord } from './query-log.js';

const condition = z.strictObject({
  columns: z.array(z.string()).min(1),
  kind: z.string(),
  values: z.int().min(1),
});

const aggregation = z.strictObject({
  spec: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null),
  isWhole: z.boolean(),
  where: z.array(condition),
});

const shape = z.strictObject({
  queryType: z.enum(['timeseries', 'topN', 'groupBy']),
  span: z.strictObject({ period: z.string(), aligned: z.string().nullable() }),
  time: z.unknown(),
  groups: z.array(z.string()),
  conditions: z.array(condition),
  aggregations: z.array(aggregation),
});

const amount = z.number().min(0);

const record = z.strictObject({
  table: z.string(),
  shape,
  lastMs: z.number(),
  count: amount,
  totalMs: amount,
  rows: amount,
  treeCount: amount,
  treeRecords: amount,
  treeRows: amount,
});

/** Reads a line of the query log. Throws where it is none. */
export const parseRecord = (json: unknown): ShapeRecord => record.parse(json);
