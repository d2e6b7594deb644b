import { z } from 'zod';
import { UserError } from '../../core/index.js';
import {
  type Aggregator,
  type Granularity,
  isArrayType,
  isColumnName,
  JSON_TYPE,
  parseGranularity,
} from '../../model/index.js';
import type { TreeDefinition, TreeDimensionDefinition } from '../../segments/index.js';
import {
  countField,
  flagField,
  jsonField,
  readFields,
  requiredText,
  settings,
  shown,
} from './fields.js';
import { readMetric } from './metrics.js';
import type { Problems } from './problems.js';
import type { GranularitySpec, RowSpec } from './task-spec.js';

/** What is stored of rows, and so what trees can be built of. */
export interface StoredColumns extends Pick<RowSpec, 'dimensions' | 'metrics'> {
  readonly granularity: Pick<GranularitySpec, 'queryGranularity'>;
  /** Dimensions that come from elsewhere than fields. */
  readonly others?: readonly string[];
}

export type StarTrees = readonly TreeDefinition[];

const LEAF_RECORDS = 1000;

/**
 * Trees whose dimensions nobody chose. They are small: leaves of 100 records make them 1.4 times as large as leaves of 1,000, and queries
 * read a twentieth of the records (geometric means over all pairs of dimensions, five to seven of them, orders with many values first).
 */
const AUTO = { maxLeafRecords: 100, maxShare: 0.3 } satisfies TreeDefinition;

/** What it means to say nothing of star-trees: undefined is none, as far as a compaction does not find some. */
const DEFAULT_STAR_TREES: StarTrees | undefined = undefined;

const listField = (what: string) =>
  z
    .array(jsonField, { error: 'want a list' })
    .min(1, `want at least one ${what}, or leave it out and it is derived from the rows`)
    .nullish();

const Tree = settings({
  dimensions: listField('dimension'),
  metrics: listField('metric'),
  maxLeafRecords: countField(null, 1),
  maxShare: z
    .number({ error: 'want a number above 0, such as 0.3' })
    .gt(0, 'want a number above 0, such as 0.3')
    .nullish(),
});

/**
 * Reads `starTrees`: "auto", "none" or a list of trees. What is absent is the default. Throws UserError where it is none of these;
 * what is wrong with single trees is then in `problems`.
 */
export function readStarTrees(
  json: unknown,
  field: string,
  stored: StoredColumns,
  problems: Problems,
): StarTrees | undefined {
  if (json === undefined || json === null) return DEFAULT_STAR_TREES;
  if (json === 'auto') return [AUTO];
  if (json === 'none') return [];
  if (Array.isArray(json)) {
    return problems.each(json, field, (tree, path) => readTree(tree, path, stored, problems));
  }
  throw wrong(field, 'want "auto", "none" or a list of trees', json);
}

function readTree(
  json: unknown,
  field: string,
  stored: StoredColumns,
  problems: Problems,
): TreeDefinition {
  const fields = readFields(Tree, json, field);
  const dimensions = fields.dimensions
    ? problems.each(fields.dimensions, `${field}.dimensions`, (each, path) =>
        readTreeDimension(each, path, stored),
      )
    : null;
  const metrics = fields.metrics
    ? problems.each(fields.metrics, `${field}.metrics`, (each, path) =>
        readTreeMetric(each, path, stored),
      )
    : null;
  checkNames(dimensions, metrics ?? [], field, stored, problems);
  const { maxLeafRecords, maxShare } = fields;
  return {
    ...(dimensions === null ? AUTO : { dimensions, maxLeafRecords: LEAF_RECORDS }),
    ...(metrics && { metrics }),
    ...(isGiven(maxLeafRecords) && { maxLeafRecords }),
    ...(isGiven(maxShare) && { maxShare }),
  };
}

const isGiven = <T>(value: T | null | undefined): value is T =>
  value !== null && value !== undefined;

const Dimension = settings({
  name: requiredText,
  skipStar: flagField(false),
  granularity: jsonField,
});

function readTreeDimension(
  json: unknown,
  field: string,
  stored: StoredColumns,
): TreeDimensionDefinition {
  const { name, skipStar, granularity } = readFields(
    Dimension,
    typeof json === 'string' ? { name: json } : json,
    field,
  );
  const path = `${field}.granularity`;
  if (name === '__time') {
    const grain = grainOf(granularity ?? null, path, stored.granularity.queryGranularity);
    return { name, skipStar, granularity: grain };
  }
  if (granularity !== undefined && granularity !== null) {
    throw wrong(
      path,
      `only __time is cut into buckets, not ${shown(name)}; leave it out`,
      granularity,
    );
  }
  checkDimension(name, field, stored);
  return { name, skipStar };
}

/** What times are truncated to: records of single milliseconds would be as many as rows. */
function grainOf(json: unknown, field: string, own: Granularity): Granularity {
  const given = json === null ? own : parseGranularity(json, field);
  const grain = given.kind === 'none' ? own : given;
  if (grain.kind !== 'none' && grain.kind !== 'all') return grain;
  throw wrong(
    field,
    'want what times are cut into, such as "minute" or "hour"; or leave __time out of the tree',
    json ?? undefined,
  );
}

function checkDimension(name: string, field: string, stored: StoredColumns): void {
  const { listed } = stored.dimensions;
  const dimension = listed.find((each) => each.name === name);
  if (dimension === undefined) {
    if (isFound(name, stored)) return;
    const names = ['__time', ...listed.map((each) => each.name)];
    throw wrong(
      field,
      `want a dimension that dimensionsSpec lists, or __time: one of ${names.join(', ')}`,
      name,
    );
  }
  const { type } = dimension;
  // What an `auto` one holds is known when its rows are.
  if (dimension.auto !== undefined || !(isArrayType(type) || type === JSON_TYPE)) return;
  throw wrong(
    field,
    `want a dimension of texts or numbers, not of type ${type}; leave it out of the tree`,
    name,
  );
}

/** Whether rows may bring a dimension that is not listed. */
const isFound = (name: string, { dimensions, others = [] }: StoredColumns): boolean =>
  others.includes(name) || (dimensions.discover !== 'none' && !dimensions.excluded.has(name));

/** Trees add up what is stored, as queries do: not the fields that rows came with. */
function readTreeMetric(json: unknown, field: string, stored: StoredColumns): Aggregator {
  const metric = readMetric(json, field);
  const { dimensions, metrics } = stored;
  const known = new Set(['__time', ...[...dimensions.listed, ...metrics].map(({ name }) => name)]);
  const missing = metric.inputs.find((input) => !known.has(input) && !isFound(input, stored));
  if (missing === undefined) return metric;
  throw wrong(
    field,
    `want an aggregator as queries have it, over columns that are stored: ${[...known].join(', ')}`,
    missing,
  );
}

/** Columns of a tree share one space of names. Where dimensions are derived, any of the table may be one. */
function checkNames(
  dimensions: readonly TreeDimensionDefinition[] | null,
  metrics: readonly Aggregator[],
  field: string,
  stored: StoredColumns,
  problems: Problems,
): void {
  const seen = new Set<string>();
  for (const { name } of dimensions ?? []) {
    if (seen.has(name)) {
      problems.add(`${field}.dimensions`, `${shown(name)} stands twice; leave one out`);
    }
    seen.add(name);
  }
  for (const { name } of dimensions === null ? stored.dimensions.listed : []) seen.add(name);
  const taken = new Set([...seen, '__time']);
  for (const { name } of metrics) {
    if (name === '' || !isColumnName(name)) {
      problems.add(`${field}.metrics`, `want a name without U+0000; got ${shown(name)}`);
    }
    if (taken.has(name)) {
      problems.add(
        `${field}.metrics`,
        `the name ${shown(name)} is that of a dimension or of another metric of the tree; choose another one`,
      );
    }
    taken.add(name);
  }
}

const wrong = (field: string, want: string, got: unknown): UserError =>
  new UserError(`${field}: ${want}; got ${shown(got)}`, 'spec', field);
