import { z } from 'zod';
import { type JsonObject, UserError } from '../../core/index.js';
import type { Partitioning } from '../../segments/index.js';
import { countField, readFields, readObject, shown, textField, textsField } from './fields.js';

/** How the rows of a chunk become segments. */
export interface PartitionsSpec {
  /** Where they are only counted. */
  readonly maxRowsPerSegment: number;
  /** By what they hold; null: they are only counted. */
  readonly partitioning: Partitioning | null;
}

export const DEFAULT_ROWS_PER_SEGMENT = 5_000_000;

/** What Druid allows a bucket to grow to beyond its target. */
const MAX_OVER_TARGET = 1.5;

const Fields = z.object({
  // -1 stands for what is not set.
  maxRowsPerSegment: countField(null, -1),
  /** Older names. */
  targetPartitionSize: countField(null, -1),
  maxPartitionSize: countField(null, -1),
  /** Chunks are published as a whole, however many rows they have. */
  maxTotalRows: countField(null, -1),
  targetRowsPerSegment: countField(null, -1),
  numShards: countField(null, -1),
  partitionDimensions: textsField,
  partitionDimension: textField(null),
  partitionFunction: textField(null),
});

type Fields = z.output<typeof Fields>;

const READERS: ReadonlyMap<string, (fields: Fields, field: string) => PartitionsSpec> = new Map([
  ['dynamic', readDynamic],
  ['hashed', readHashed],
  ['single_dim', readSingle],
  ['range', readRange],
]);

/**
 * Reads a `partitionsSpec`; of what it does not say, older specs have some in the `tuningConfig` around it. Throws
 * UserError of kind 'spec'.
 */
export function readPartitions(
  json: unknown,
  tuning: JsonObject,
  field: string,
  isAppend: boolean,
): PartitionsSpec {
  const given = readObject(json ?? {}, field);
  const type = given.type ?? (tuning.forceGuaranteedRollup === true ? 'hashed' : 'dynamic');
  const read = typeof type === 'string' ? READERS.get(type) : undefined;
  if (read === undefined) {
    const known = [...READERS.keys()].join(', ');
    throw problem(`${field}.type`, `want one of ${known}; got ${shown(type)}`);
  }
  if (isAppend && type !== 'dynamic') {
    throw problem(
      `${field}.type`,
      `appendToExisting needs the partitioning "dynamic"; got ${shown(type)}`,
    );
  }
  const fields = readFields(Fields, { ...given, ...legacy(tuning, given) }, field);
  return read(fields, field);
}

/** What stood beside the partitions in older specs; it counts where the partitions say nothing of the kind. */
function legacy(tuning: JsonObject, given: JsonObject): JsonObject {
  const isSet = (name: string): boolean => ![undefined, null, -1].includes(given[name] as number);
  const sizes = ['maxRowsPerSegment', 'targetRowsPerSegment', 'targetPartitionSize', 'numShards'];
  const { maxRowsPerSegment, targetPartitionSize, numShards, partitionDimensions } = tuning;
  return {
    ...(isSet('partitionDimensions') ? {} : { partitionDimensions }),
    ...(sizes.some(isSet) ? {} : { maxRowsPerSegment, targetPartitionSize, numShards }),
  };
}

function readDynamic({ maxRowsPerSegment, targetPartitionSize }: Fields): PartitionsSpec {
  const rows = firstSet([maxRowsPerSegment, targetPartitionSize]);
  return { maxRowsPerSegment: rows ?? DEFAULT_ROWS_PER_SEGMENT, partitioning: null };
}

function readHashed(fields: Fields, field: string): PartitionsSpec {
  const { partitionDimensions, partitionFunction } = fields;
  const target = firstSet([
    fields.targetRowsPerSegment,
    fields.maxRowsPerSegment,
    fields.targetPartitionSize,
  ]);
  const numShards = firstSet([fields.numShards]);
  if (target !== null && numShards !== null) {
    throw problem(
      `${field}.numShards`,
      `cannot go with rows per segment; give one of them; got ${numShards} and ${target}`,
    );
  }
  if (partitionFunction !== null && partitionFunction !== 'murmur3_32_abs') {
    throw problem(
      `${field}.partitionFunction`,
      `want "murmur3_32_abs"; got ${shown(partitionFunction)}`,
    );
  }
  return partitioned({
    type: 'hashed',
    dimensions: partitionDimensions,
    numShards,
    targetRows: target ?? DEFAULT_ROWS_PER_SEGMENT,
  });
}

function readRange(fields: Fields, field: string): PartitionsSpec {
  const { partitionDimensions: dimensions } = fields;
  if (dimensions.length === 0) {
    throw problem(
      `${field}.partitionDimensions`,
      'want the names of one dimension or more; got none',
    );
  }
  return partitioned({ type: 'range', dimensions, boundaries: null, ...rangeRows(fields, field) });
}

function readSingle(fields: Fields, field: string): PartitionsSpec {
  const { partitionDimension: dimension } = fields;
  if (dimension === null || dimension === '') {
    throw problem(`${field}.partitionDimension`, 'want the name of a dimension; got nothing');
  }
  const rows = rangeRows(fields, field);
  return partitioned({ type: 'single', dimensions: [dimension], boundaries: null, ...rows });
}

/** One of the two is given and the other follows. */
function rangeRows(fields: Fields, field: string): { targetRows: number; maxRows: number } {
  const target = firstSet([fields.targetRowsPerSegment, fields.targetPartitionSize]);
  const max = firstSet([fields.maxRowsPerSegment, fields.maxPartitionSize]);
  if (target !== null && max === null) {
    return { targetRows: target, maxRows: Math.ceil(target * MAX_OVER_TARGET) };
  }
  if (max !== null && target === null) {
    return { targetRows: Math.max(1, Math.floor(max / MAX_OVER_TARGET)), maxRows: max };
  }
  throw problem(
    `${field}.targetRowsPerSegment`,
    `give either targetRowsPerSegment or maxRowsPerSegment; got ${target ?? 'nothing'} and ${max ?? 'nothing'}`,
  );
}

const partitioned = (partitioning: Partitioning): PartitionsSpec => ({
  maxRowsPerSegment: DEFAULT_ROWS_PER_SEGMENT,
  partitioning,
});

/** The first that is set: neither absent nor -1. */
const firstSet = (given: readonly (number | null)[]): number | null =>
  given.find((rows) => rows !== null && rows > 0) ?? null;

const problem = (field: string, detail: string): UserError =>
  new UserError(`${field}: ${detail}`, 'spec', field);
