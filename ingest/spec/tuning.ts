import { z } from 'zod';
import { UserError } from '../../core/index.js';
import { countField, flagField, jsonField, readFields, shown, textField } from './fields.js';
import type { Tuning } from './task-spec.js';

const MAX_COUNT = 2_147_483_647;
const DEFAULT_ROWS_PER_SEGMENT = 5_000_000;

const TuningConfig = z.object({
  // Memory is bounded by itself: more pieces than it asks for are only work.
  maxRowsInMemory: countField(DEFAULT_ROWS_PER_SEGMENT, 1),
  maxRowsPerSegment: countField(null, -1),
  maxParseExceptions: countField(MAX_COUNT, -1),
  maxSavedParseExceptions: countField(0, 0),
  reportParseExceptions: flagField(false),
  forceGuaranteedRollup: flagField(false),
  partitionsSpec: jsonField,
});

const PartitionsSpec = z.object({
  type: textField('dynamic'),
  maxRowsPerSegment: countField(null, -1),
  targetRowsPerSegment: countField(null, -1),
});

/** How Druid cuts chunks into segments; the last three need to see all rows of a chunk first. */
const PARTITIONINGS = ['dynamic', 'hashed', 'single_dim', 'range'];

/**
 * Reads a `tuningConfig`. Every chunk is merged as a whole whatever the partitioning, so rollup is
 * always perfect; `hashed` and `range` therefore only say how large segments get.
 */
export function readTuning(json: unknown, field: string, isAppend: boolean): Tuning {
  const spec = readFields(TuningConfig, json, field);
  const path = `${field}.partitionsSpec`;
  const partitions = readFields(PartitionsSpec, spec.partitionsSpec ?? {}, path);
  if (!PARTITIONINGS.includes(partitions.type)) {
    throw new UserError(
      `${path}.type: want one of ${PARTITIONINGS.join(', ')}; got ${shown(partitions.type)}`,
      'spec',
      `${path}.type`,
    );
  }
  if (isAppend && partitions.type !== 'dynamic') {
    throw new UserError(
      `${path}.type: appendToExisting needs the partitioning "dynamic"; got ${shown(partitions.type)}`,
      'spec',
      `${path}.type`,
    );
  }
  if (isAppend && spec.forceGuaranteedRollup) {
    throw new UserError(
      `${field}.forceGuaranteedRollup: true cannot go with appendToExisting; set one of them to false`,
      'spec',
      `${field}.forceGuaranteedRollup`,
    );
  }
  return {
    maxRowsInMemory: spec.maxRowsInMemory,
    maxRowsPerSegment: rowsPerSegment([
      partitions.maxRowsPerSegment,
      partitions.targetRowsPerSegment,
      spec.maxRowsPerSegment,
    ]),
    maxParseExceptions: spec.reportParseExceptions ? 0 : withoutLimit(spec.maxParseExceptions),
    maxSavedParseExceptions: Math.max(
      spec.maxSavedParseExceptions,
      spec.reportParseExceptions ? 1 : 0,
    ),
  };
}

/** The first that is set; Druid writes -1 for the default. */
const rowsPerSegment = (given: readonly (number | null)[]): number =>
  given.find((rows) => rows !== null && rows > 0) ?? DEFAULT_ROWS_PER_SEGMENT;

/** Druid writes -1 for "no limit". */
const withoutLimit = (count: number): number => (count < 0 ? MAX_COUNT : count);
